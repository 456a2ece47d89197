package io.berth.e2e.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Processes that can be a node's: those in another network, mount or pid namespace than ours, those
 * whose command names a folder of the node, and shims, runtimes and log writers by their names.
 * Zombies are left out: their parents have not collected them yet, and nothing else is left.
 */
final class HostProcesses {
    private static final Path PROC = Path.of("/proc");
    private static final Set<String> NAMES =
            Set.of("containerd-shim", "runc", "crun", "berth-native", "pause");
    private static final List<String> NAMESPACES = List.of("net", "pid", "mnt");

    private HostProcesses() {}

    static List<String> read(HostScope scope) throws IOException {
        var lines = new ArrayList<String>();
        for (String name : Kernel.names(PROC)) {
            if (name.chars().allMatch(Character::isDigit)
                    && !scope.ignoredPids().contains(Long.parseLong(name))) {
                var line = line(PROC.resolve(name), scope);
                if (!line.isEmpty()) {
                    lines.add(line);
                }
            }
        }
        return lines;
    }

    /** The process's line, or nothing if it cannot be a node's or has just ended. */
    private static String line(Path process, HostScope scope) {
        try {
            var stat = Files.readString(process.resolve("stat"), UTF_8);
            int close = stat.lastIndexOf(')');
            if (stat.charAt(close + 2) == 'Z' || stat.charAt(close + 2) == 'X') {
                return "";
            }
            var name = stat.substring(stat.indexOf('(') + 1, close);
            var command =
                    new String(Files.readAllBytes(process.resolve("cmdline")), UTF_8)
                            .replace('\0', ' ')
                            .strip();
            var named = NAMES.stream().anyMatch(name::startsWith);
            var ours = scope.folders().stream().anyMatch(at -> command.contains(at.toString()));
            if (!command.isEmpty() && (named || ours || elsewhere(process))) {
                return "process %s %s in %s: %s"
                        .formatted(process.getFileName(), name, cgroup(process), command);
            }
            return "";
        } catch (IOException ended) {
            return "";
        }
    }

    /** Its deepest cgroup: a container has one of the same name in every hierarchy. */
    private static String cgroup(Path process) throws IOException {
        return Files.readString(process.resolve("cgroup"), UTF_8)
                .lines()
                .map(line -> line.substring(line.lastIndexOf(':') + 1))
                .max(Comparator.comparingInt(String::length))
                .orElse("/");
    }

    private static boolean elsewhere(Path process) throws IOException {
        for (String kind : NAMESPACES) {
            var own = Files.readSymbolicLink(PROC.resolve("self/ns/" + kind));
            if (!own.equals(Files.readSymbolicLink(process.resolve("ns/" + kind)))) {
                return true;
            }
        }
        return false;
    }
}
