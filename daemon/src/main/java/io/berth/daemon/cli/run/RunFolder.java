package io.berth.daemon.cli.run;

import io.berth.daemon.cli.manifest.Manifest;
import io.berth.daemon.cli.manifest.Places;
import io.berth.linux.HostFiles;
import io.berth.linux.LinuxCalls;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What one run keeps on disk.
 *
 * <pre>
 * DATA/UID/run        holds the pod's uid: only a folder with the right one is ever removed
 * DATA/UID/hosts      the pod's /etc/hosts
 * DATA/UID/volumes/   one folder for each emptyDir
 * DATA/UID/logs/      the containers' logs, unless they go elsewhere
 * </pre>
 *
 * @param folder DATA/UID
 * @param uid the pod's
 */
public record RunFolder(Path folder, String uid) {
    /** Where runs keep what is theirs, if they are not told otherwise. */
    public static final Path DATA = Path.of("/var/lib/berth-run");

    private static final int OWNER_ONLY = 0700;
    private static final int WORLD_READABLE = 0755;
    private static final int ANYONE = 0777;

    /**
     * Makes the folder of a run, and what its volumes need.
     *
     * @param logs where the logs go; empty keeps them in the folder
     * @throws RunException if a hostPath is not what the manifest says
     */
    static Places create(RunFolder run, Manifest manifest, Optional<Path> logs) throws IOException {
        var files = new HostFiles(new LinuxCalls());
        var id = manifest.namespace() + "_" + manifest.name() + "_" + run.uid;
        var places =
                new Places(
                        logs.map(dir -> dir.toAbsolutePath().resolve(id))
                                .orElse(run.folder.resolve("logs")),
                        run.folder.resolve("volumes"),
                        run.folder.resolve("hosts"));
        Steps.run(
                "run.folder.create",
                run.uid,
                () -> {
                    files.createDirectories(run.folder, OWNER_ONLY);
                    files.write(run.marker(), run.uid.getBytes(StandardCharsets.UTF_8), 0600);
                    files.createDirectories(places.logs(), WORLD_READABLE);
                    files.createDirectories(places.volumes(), WORLD_READABLE);
                    for (var volume : manifest.pod().getSpec().getVolumes()) {
                        if (volume.getEmptyDir() != null) {
                            var folder = places.volume(volume.getName());
                            files.createDirectories(folder, ANYONE);
                        } else {
                            check(
                                    files,
                                    volume.getHostPath().getPath(),
                                    volume.getHostPath().getType());
                        }
                    }
                });
        return places;
    }

    private static void check(
            HostFiles files, String path, @org.jspecify.annotations.Nullable String type)
            throws IOException {
        var found = Path.of(path);
        var wanted = type == null ? "" : type;
        if (wanted.equals("DirectoryOrCreate") && !Files.exists(found)) {
            files.createDirectories(found, WORLD_READABLE);
        }
        boolean right =
                switch (wanted) {
                    case "Directory", "DirectoryOrCreate" -> Files.isDirectory(found);
                    case "File" -> Files.isRegularFile(found);
                    default -> true;
                };
        if (!right) {
            throw new RunException(
                    "hostPath %s: found %s, wanted a %s"
                            .formatted(
                                    path,
                                    Files.exists(found) ? "something else" : "nothing",
                                    wanted.equals("File") ? "file" : "directory"));
        }
    }

    /** Writes the pod's {@code /etc/hosts}. */
    static void writeHosts(Places places, String uid, String text) throws IOException {
        var files = new HostFiles(new LinuxCalls());
        Steps.run(
                "run.hosts.write",
                uid,
                () -> files.write(places.hosts(), text.getBytes(StandardCharsets.UTF_8), 0644));
    }

    /** Makes a container's log folder. */
    static void createLogs(Places places, String container) throws IOException {
        var files = new HostFiles(new LinuxCalls());
        Steps.run(
                "run.logs.create",
                container,
                () -> files.createDirectories(places.logs().resolve(container), WORLD_READABLE));
    }

    private Path marker() {
        return folder.resolve("run");
    }

    /**
     * Removes the folder with all that is in it, and the one above if it was the last; absent is
     * fine. A folder that is not this run's is left alone.
     */
    public void remove() throws IOException {
        try {
            if (!Files.readString(marker()).equals(uid)) {
                return;
            }
        } catch (NoSuchFileException _) {
            return;
        }
        var files = new HostFiles(new LinuxCalls());
        Steps.run("run.folder.remove", uid, () -> files.deleteTree(folder));
        var above = folder.getParent();
        if (above != null) {
            try {
                Files.deleteIfExists(above);
            } catch (DirectoryNotEmptyException _) {
                // other runs live there
            }
        }
    }
}
