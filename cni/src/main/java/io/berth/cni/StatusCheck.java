package io.berth.cni;

import io.berth.cni.ConfFolders.Loaded;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;

/** Finds out whether pods can get a network. Executes plugins: for the background only. */
final class StatusCheck {
    private final ConfFolders folders;
    private final Plugins plugins;
    private final PluginVersions versions;
    private final Clock clock;

    StatusCheck(ConfFolders folders, Plugins plugins, PluginVersions versions, Clock clock) {
        this.folders = folders;
        this.plugins = plugins;
        this.versions = versions;
        this.clock = clock;
    }

    /** Never throws for what it finds: it is the status. */
    NetworkStatus sample(Loaded loaded) {
        if (loaded.networks().isEmpty()) {
            var message = folders.absence(loaded.problems());
            return NetworkStatus.notReady(message, clock.instant());
        }
        try {
            for (var network : loaded.networks()) {
                Steps.run("cni.status", network.name(), () -> check(network));
            }
        } catch (CniException | IOException unavailable) {
            var message = String.valueOf(unavailable.getMessage());
            return NetworkStatus.notReady(message, clock.instant());
        }
        var skipped = String.join("; ", loaded.problems());
        return NetworkStatus.ready(
                skipped.isEmpty() ? "" : "left out: " + skipped, clock.instant());
    }

    private void check(NetworkConf network) {
        var subject = "network " + network.name();
        plugins.requireAll(subject, network);
        for (var plugin : network.plugins()) {
            requireVersion(subject, network, plugin);
        }
        if (network.version().isAtLeast(CniVersion.WITH_STATUS)) {
            for (var plugin : network.plugins()) {
                status(subject, network, plugin);
            }
        }
    }

    private void requireVersion(String subject, NetworkConf network, PluginConf plugin) {
        var spoken = versions.of(subject, plugin.type());
        if (spoken.isPresent() && !spoken.get().contains(network.version())) {
            throw new CniException.PluginFailed(
                    plugin.type(),
                    1,
                    "version not supported",
                    "",
                    "%s: plugin %s: found versions %s, wanted %s; change cniVersion or the plugin"
                            .formatted(subject, plugin.type(), spoken.get(), network.version()));
        }
    }

    private void status(String subject, NetworkConf network, PluginConf plugin) {
        if (!versions.hasStatus(subject, plugin.type())) {
            return;
        }
        try {
            plugins.run(
                    new PluginCall(
                            Verb.STATUS,
                            subject,
                            plugin.type(),
                            plugins.find(subject, plugin.type()),
                            Map.of(),
                            Plugins.input(network, plugin)));
        } catch (CniException failed) {
            if (!isUnknownVerb(failed)) {
                throw failed;
            }
        }
    }

    /** A plugin that says it speaks 1.1.0 without having all of it. */
    static boolean isUnknownVerb(CniException failure) {
        return failure instanceof CniException.PluginFailed failed
                && failed.code() == 4
                && failed.problem().contains("unknown CNI_COMMAND");
    }
}
