package io.berth.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;

/**
 * Tells plugins which attachments of a network are still valid (GC, SPEC.md section 2), so that
 * they drop the rest. Runs only while no ADD or DEL does.
 */
final class StaleAttachments {
    private static final Logger LOG = System.getLogger(StaleAttachments.class.getName());

    /** How often, and how far apart, a moment without ADD and DEL is looked for. */
    private static final int ATTEMPTS = 20;

    private static final long PAUSE_MILLIS = 100;

    private final Plugins plugins;
    private final PluginVersions versions;
    private final ReadWriteLock exclusion;

    /** What identifies an attachment to plugins. */
    record Key(String sandboxId, String interfaceName) {}

    /** Finds the valid attachments of a network; called while no ADD or DEL runs. */
    interface ValidAttachments {
        Set<Key> of(NetworkConf network) throws IOException;
    }

    StaleAttachments(Plugins plugins, PluginVersions versions, ReadWriteLock exclusion) {
        this.plugins = plugins;
        this.versions = versions;
        this.exclusion = exclusion;
    }

    /**
     * GC of every plugin that has it, unless the network says {@code disableGC}. It waits a little
     * for a moment without ADD and DEL and then gives up until the next time; it never queues for
     * one, since behind it a hung plugin of one pod would stop the others from starting.
     *
     * @return the failures
     */
    List<CniException> collect(NetworkConf network, ValidAttachments valid) throws IOException {
        var asked = new ArrayList<PluginConf>();
        try {
            for (var plugin : network.plugins()) {
                if (!network.disableGc()
                        && network.version().isAtLeast(CniVersion.WITH_STATUS)
                        && versions.hasStatus(subject(network), plugin.type())) {
                    asked.add(plugin);
                }
            }
        } catch (CniException.PluginMissing missing) {
            return List.of(missing);
        }
        if (asked.isEmpty()) {
            return List.of();
        }
        if (!lock()) {
            LOG.log(Level.INFO, "network={0} GC left out: attachments go on", network.name());
            return List.of();
        }
        try {
            var keys = valid.of(network);
            return asked.stream()
                    .flatMap(plugin -> collect(network, plugin, keys).stream())
                    .toList();
        } finally {
            exclusion.writeLock().unlock();
        }
    }

    private boolean lock() {
        var never = new CountDownLatch(1);
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                if (exclusion.writeLock().tryLock()) {
                    return true;
                }
                never.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private List<CniException> collect(NetworkConf network, PluginConf plugin, Set<Key> valid) {
        var input = Plugins.input(network, plugin);
        list(input.putArray("cni.dev/valid-attachments"), valid);
        // what the first plugins with GC were written for
        list(input.putArray("cni.dev/attachments"), valid);
        try {
            plugins.run(
                    new PluginCall(
                            Verb.GC,
                            subject(network),
                            plugin.type(),
                            plugins.find(subject(network), plugin.type()),
                            Map.of(),
                            input));
        } catch (CniException failed) {
            return StatusCheck.isUnknownVerb(failed) ? List.of() : List.of(failed);
        }
        return List.of();
    }

    private static void list(ArrayNode array, Set<Key> valid) {
        for (var attachment : valid) {
            array.addObject()
                    .put("containerID", attachment.sandboxId())
                    .put("ifname", attachment.interfaceName());
        }
    }

    private static String subject(NetworkConf network) {
        return "network " + network.name();
    }

    /** Cached attachments count without an owner too, for their DEL is due; so do owners alone. */
    static Set<Key> valid(
            AttachmentFiles cache,
            NetworkConf network,
            String interfaceName,
            Set<String> liveSandboxIds)
            throws IOException {
        var valid = new LinkedHashSet<Key>();
        for (var id : liveSandboxIds) {
            valid.add(new Key(id, interfaceName));
        }
        for (var entry : cache.all()) {
            if (entry.content()
                    .map(it -> it.network().name().equals(network.name()))
                    .orElse(true)) {
                valid.add(new Key(entry.sandboxId(), entry.interfaceName()));
            }
        }
        return valid;
    }
}
