package io.berth.shimclient.bundle;

import io.berth.linux.HostFiles;
import io.berth.shimclient.journal.EventJournal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The directory of one task, named like its container.
 *
 * <pre>
 * BUNDLE/config.json      the OCI spec; ours
 *        rootfs/          where the shim mounts; ours
 *        log              FIFO for the shim's own log; ours, sandboxes only
 *        bootstrap.json   what the shim's start answered; ours, sandboxes only
 *        events.journal   events kept by the publisher while the daemon is down
 *        address, options.json, runtime, init.pid, log.json, work …   the shim's
 * </pre>
 *
 * <p>It is all a shim's state, so it lives on a file system that a reboot empties.
 */
public record Bundle(Path directory) {
    private static final int DIRECTORY_MODE = 0700;
    private static final int ROOTFS_MODE = 0711;
    private static final int PRIVATE_FILE = 0600;
    private static final int MAX_BOOTSTRAP_BYTES = 64 << 10;

    public Bundle {
        if (!directory.isAbsolute()) {
            throw new IllegalArgumentException(
                    "bundle %s: an absolute path wanted".formatted(directory));
        }
    }

    /**
     * Makes the directory (mode 0700; one that is there keeps its own), an empty rootfs and
     * config.json; repeats well. A failure leaves what {@link #remove} removes.
     */
    public static Bundle create(Path directory, byte[] configJson, HostFiles files)
            throws IOException {
        var bundle = new Bundle(directory);
        files.createDirectories(directory, DIRECTORY_MODE);
        files.createDirectories(bundle.rootfs(), ROOTFS_MODE);
        files.writeForThisBoot(bundle.config(), configJson, PRIVATE_FILE);
        return bundle;
    }

    /** Replaces config.json of a bundle that is there. */
    public void changeConfig(byte[] configJson, HostFiles files) throws IOException {
        files.writeForThisBoot(config(), configJson, PRIVATE_FILE);
    }

    /** The container's id. */
    public String id() {
        return String.valueOf(directory.getFileName());
    }

    public Path config() {
        return directory.resolve("config.json");
    }

    public Path rootfs() {
        return directory.resolve("rootfs");
    }

    public Path log() {
        return directory.resolve("log");
    }

    public Path bootstrap() {
        return directory.resolve("bootstrap.json");
    }

    public Path journal() {
        return directory.resolve(EventJournal.FILE_NAME);
    }

    /** Keeps what a shim's start answered, for {@link #savedBootstrap} after a restart. */
    public void saveBootstrap(byte[] answer, HostFiles files) throws IOException {
        files.writeForThisBoot(bootstrap(), answer, PRIVATE_FILE);
    }

    /** What a shim's start answered; empty if the daemon died before it could keep it. */
    public Optional<byte[]> savedBootstrap() throws IOException {
        if (!Files.exists(bootstrap())) {
            return Optional.empty();
        }
        try (var in = Files.newInputStream(bootstrap())) {
            var bytes = in.readNBytes(MAX_BOOTSTRAP_BYTES + 1);
            if (bytes.length > MAX_BOOTSTRAP_BYTES) {
                throw new IOException(
                        "%s: larger than %d bytes".formatted(bootstrap(), MAX_BOOTSTRAP_BYTES));
            }
            return Optional.of(bytes);
        }
    }

    /**
     * Removes all of it; success if it is gone.
     *
     * @throws IOException if something is still mounted in it, behind which nothing was touched
     */
    public void remove(HostFiles files) throws IOException {
        files.deleteTree(directory);
    }
}
