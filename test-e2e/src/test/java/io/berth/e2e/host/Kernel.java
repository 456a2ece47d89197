package io.berth.e2e.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Mounts, namespaces, links and cgroups, from proc and sysfs. */
final class Kernel {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");
    private static final Path LINKS = Path.of("/sys/class/net");
    private static final List<Path> NETNS_FOLDERS =
            List.of(Path.of("/run/netns"), Path.of("/run/docker/netns"));
    private static final int MAX_CGROUP_DEPTH = 12;

    /** The management of build machines moves its own processes about in it. */
    private static final String HOSTS_OWN_CGROUP = "process_api";

    private Kernel() {}

    /** One line a mount: where, type and source; the ids of mounts change and are left out. */
    static List<String> mounts() throws IOException {
        var lines = new ArrayList<String>();
        for (String line : Files.readString(MOUNTINFO, UTF_8).lines().toList()) {
            var fields = Arrays.asList(line.split(" ", -1));
            int dash = fields.indexOf("-");
            lines.add(
                    "mount %s type=%s source=%s root=%s"
                            .formatted(
                                    fields.get(4),
                                    fields.get(dash + 1),
                                    fields.get(dash + 2),
                                    fields.get(3)));
        }
        return lines;
    }

    static List<String> networkNamespaces() throws IOException {
        var lines = new ArrayList<String>();
        for (Path folder : NETNS_FOLDERS) {
            for (String name : names(folder)) {
                lines.add("netns " + folder.resolve(name));
            }
        }
        return lines;
    }

    /** Every link of the host's network namespace but the test's own bridge. */
    static List<String> links(String bridge) throws IOException {
        var lines = new ArrayList<String>();
        for (String name : names(LINKS)) {
            if (!name.equals(bridge)) {
                lines.add("link " + name + bridged(LINKS.resolve(name)));
            }
        }
        return lines;
    }

    private static String bridged(Path link) throws IOException {
        var master = link.resolve("master");
        try {
            return " on " + Files.readSymbolicLink(master).getFileName();
        } catch (NoSuchFileException none) {
            return "";
        }
    }

    /** Every cgroup of every hierarchy that is mounted. */
    static List<String> cgroups() throws IOException {
        var lines = new ArrayList<String>();
        for (Path hierarchy : hierarchies()) {
            walk(hierarchy, hierarchy, 0, lines);
        }
        return lines;
    }

    static Set<Path> hierarchies() throws IOException {
        var found = new TreeSet<Path>();
        for (String line : Files.readString(MOUNTINFO, UTF_8).lines().toList()) {
            var fields = Arrays.asList(line.split(" ", -1));
            var type = fields.get(fields.indexOf("-") + 1);
            if (type.equals("cgroup") || type.equals("cgroup2")) {
                var at = Path.of(fields.get(4));
                if (at.startsWith("/sys/fs/cgroup")) {
                    found.add(at);
                }
            }
        }
        return found;
    }

    private static void walk(Path hierarchy, Path folder, int depth, List<String> lines)
            throws IOException {
        if (depth > MAX_CGROUP_DEPTH) {
            return;
        }
        for (String name : names(folder)) {
            var child = folder.resolve(name);
            if (!name.equals(HOSTS_OWN_CGROUP)
                    && Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
                lines.add(
                        "cgroup %s /%s"
                                .formatted(hierarchy.getFileName(), hierarchy.relativize(child)));
                walk(hierarchy, child, depth + 1, lines);
            }
        }
    }

    /** Names in a folder; none if it is not there, or has just gone. */
    static List<String> names(Path folder) throws IOException {
        try (var entries = Files.newDirectoryStream(folder)) {
            var names = new ArrayList<String>();
            entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
            return names;
        } catch (NoSuchFileException | NotDirectoryException | DirectoryIteratorException gone) {
            return List.of();
        }
    }
}
