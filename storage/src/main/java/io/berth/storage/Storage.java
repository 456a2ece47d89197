package io.berth.storage;

import io.berth.linux.Linux;
import io.berth.storage.content.ContentStore;
import io.berth.storage.layer.LayerApplier;
import io.berth.storage.lease.Collector;
import io.berth.storage.lease.Leases;
import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.Metadata;
import io.berth.storage.snapshot.NativeSnapshotter;
import io.berth.storage.snapshot.OverlaySnapshotter;
import io.berth.storage.snapshot.Snapshotter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;

/** All stores below one root, opened in order and closed in reverse. */
public final class Storage implements Closeable {
    private final Deque<AutoCloseable> opened;
    private final Metadata metadata;
    private final Ledger ledger;
    private final ContentStore content;
    private final Snapshotter snapshotter;
    private final LayerApplier layers;
    private final Leases leases;
    private final Collector collector;

    /** Opens a snapshotter in its directory. */
    public interface SnapshotterSource {
        /** Opens it; {@code directory} need not exist. */
        Snapshotter open(Path directory, Linux linux, Clock clock, Metadata metadata)
                throws IOException;
    }

    private Storage(
            Deque<AutoCloseable> opened,
            Metadata metadata,
            Ledger ledger,
            ContentStore content,
            Snapshotter snapshotter,
            LayerApplier layers,
            Leases leases) {
        this.opened = opened;
        this.metadata = metadata;
        this.ledger = ledger;
        this.content = content;
        this.snapshotter = snapshotter;
        this.layers = layers;
        this.leases = leases;
        this.collector = new Collector(content, snapshotter, leases);
    }

    /**
     * Takes the root's lock and opens its stores, creating what is missing (mode 0700) and sweeping
     * what a crash left. A failure leaves nothing open.
     *
     * @param snapshotter {@code overlayfs} or {@code native}
     * @throws StorageLocked when another process has the root open, naming it
     * @throws IllegalArgumentException when there is no such snapshotter
     */
    public static Storage open(Path root, Linux linux, Clock clock, String snapshotter)
            throws IOException {
        var source =
                switch (snapshotter) {
                    case "overlayfs" -> (SnapshotterSource) OverlaySnapshotter::open;
                    case "native" -> (SnapshotterSource) NativeSnapshotter::open;
                    default ->
                            throw new IllegalArgumentException(
                                    "snapshotter: found \"%s\", wanted overlayfs or native"
                                            .formatted(snapshotter));
                };
        return open(root, linux, clock, snapshotter, source);
    }

    /** As the other, with a snapshotter from elsewhere, in {@code root/snapshots/name}. */
    public static Storage open(
            Path root, Linux linux, Clock clock, String name, SnapshotterSource source)
            throws IOException {
        Files.createDirectories(
                root,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var opened = new ArrayDeque<AutoCloseable>();
        try {
            var lock = RootLock.take(root, linux);
            opened.push(lock);
            var metadata = Metadata.open(root.resolve("meta"));
            opened.push(metadata);
            var ledger = Ledger.open(metadata);
            var content = ContentStore.open(root.resolve("content"), ledger, clock);
            opened.push(content);
            var directory = root.resolve("snapshots").resolve(name);
            var snapshotter = source.open(directory, linux, clock, metadata);
            var layers = new LayerApplier(linux);
            var leases = Leases.open(metadata, clock);
            return new Storage(opened, metadata, ledger, content, snapshotter, layers, leases);
        } catch (IOException | RuntimeException | Error failed) {
            closeAll(opened, failed);
            throw failed;
        }
    }

    /** Records of all kinds. */
    public Metadata metadata() {
        return metadata;
    }

    /** What exists outside the stores. */
    public Ledger ledger() {
        return ledger;
    }

    /** Blobs by digest. */
    public ContentStore content() {
        return content;
    }

    /** File trees. */
    public Snapshotter snapshotter() {
        return snapshotter;
    }

    /** Holds against collection. */
    public Leases leases() {
        return leases;
    }

    /** Removes what nothing needs, once all roots are registered. */
    public Collector collector() {
        return collector;
    }

    /** Applies layers to directories. */
    public LayerApplier layers() {
        return layers;
    }

    /**
     * Closes the stores in reverse order and frees the root; the second time does nothing. What is
     * under way in them fails.
     */
    @Override
    public void close() throws IOException {
        var failed = new IOException("storage: close");
        closeAll(opened, failed);
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }

    private static void closeAll(Deque<AutoCloseable> opened, Throwable failed) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception another) { // each is closed whatever became of the others
                failed.addSuppressed(another);
            }
        }
    }
}
