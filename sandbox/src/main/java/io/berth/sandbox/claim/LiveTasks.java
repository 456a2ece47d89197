package io.berth.sandbox.claim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The tasks that run out of a state folder, found without any record: shims by their working
 * directory, which is a bundle, and containers by the pid in their bundle, if that process is in a
 * cgroup of their id. Other processes are not taken for tasks, also when they have an old pid.
 */
final class LiveTasks {
    private static final int MAX_PID_CHARS = 16;
    private final Path bundles;

    LiveTasks(Path bundles) {
        this.bundles = bundles;
    }

    /** Their ids. */
    Set<String> ids() throws IOException {
        var known = bundleIds();
        var live = new HashSet<String>();
        if (known.isEmpty()) {
            return live;
        }
        var real = bundles.toRealPath();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                folderOf(process)
                        .filter(folder -> folder.startsWith(real) && !folder.equals(real))
                        .map(folder -> real.relativize(folder).getName(0).toString())
                        .filter(known::contains)
                        .ifPresent(live::add);
            }
        }
        for (var id : known) {
            if (runs(id)) {
                live.add(id);
            }
        }
        return live;
    }

    private Set<String> bundleIds() throws IOException {
        var ids = new HashSet<String>();
        try (var folders = Files.newDirectoryStream(bundles)) {
            folders.forEach(folder -> ids.add(String.valueOf(folder.getFileName())));
        } catch (NoSuchFileException none) {
            return ids;
        }
        return ids;
    }

    private static Optional<Path> folderOf(Path process) {
        try {
            return Optional.of(Files.readSymbolicLink(process.resolve("cwd")));
        } catch (IOException ended) {
            return Optional.empty();
        }
    }

    private boolean runs(String id) {
        try {
            var file = bundles.resolve(id).resolve("init.pid");
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_PID_CHARS) {
                return false;
            }
            int pid = Integer.parseInt(Files.readString(file, StandardCharsets.US_ASCII).strip());
            var cgroups = Files.readString(Path.of("/proc/" + pid + "/cgroup"));
            return cgroups.contains(id);
        } catch (IOException | NumberFormatException gone) {
            return false;
        }
    }
}
