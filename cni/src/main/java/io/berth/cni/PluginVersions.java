package io.berth.cni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which versions each plugin binary speaks, asked by VERSION once and again when the binary
 * changes.
 */
final class PluginVersions {
    private final Plugins plugins;
    private final Map<Path, Answer> answers = new ConcurrentHashMap<>();

    /** One binary's answer, as long as the binary is the same. */
    private record Answer(String identity, Optional<Set<CniVersion>> versions) {}

    PluginVersions(Plugins plugins) {
        this.plugins = plugins;
    }

    /** What the plugin speaks; empty when it cannot say, which some simple plugins cannot. */
    Optional<Set<CniVersion>> of(String subject, String plugin) {
        var binary = plugins.find(subject, plugin);
        var identity = identity(binary);
        var known = answers.get(binary);
        if (known == null || !known.identity().equals(identity)) {
            known = new Answer(identity, ask(subject, plugin, binary));
            answers.put(binary, known);
        }
        return known.versions();
    }

    /** Whether the plugin has STATUS and GC: it says that it speaks 1.1.0 or later. */
    boolean hasStatus(String subject, String plugin) {
        return of(subject, plugin)
                .map(all -> all.stream().anyMatch(v -> v.isAtLeast(CniVersion.WITH_STATUS)))
                .orElse(false);
    }

    private Optional<Set<CniVersion>> ask(String subject, String plugin, Path binary) {
        var call =
                new PluginCall(
                        Verb.VERSION,
                        subject,
                        plugin,
                        binary,
                        // plugins built with the first libraries want these for any verb
                        Map.of("CNI_NETNS", "dummy", "CNI_IFNAME", "dummy"),
                        Json.newObject()
                                .put("cniVersion", CniVersion.UNDERSTOOD.getLast().toString()));
        try {
            var answer = Json.object(plugins.run(call));
            var versions = new LinkedHashSet<CniVersion>();
            for (var node : answer.path("supportedVersions")) {
                versions.add(CniVersion.parse(node.asText()));
            }
            return versions.isEmpty() ? Optional.empty() : Optional.of(versions);
        } catch (IllegalArgumentException | CniException cannotSay) {
            return Optional.empty();
        }
    }

    private static String identity(Path binary) {
        try {
            return Files.readAttributes(binary, "unix:dev,ino,size,ctime").toString();
        } catch (IOException gone) {
            return "";
        }
    }
}
