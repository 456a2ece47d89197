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
import io.berth.storage.snapshot.Snapshotters;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** All stores below one root, opened in order and closed in reverse. */
public final class Storage implements Closeable {
    private final Deque<AutoCloseable> opened;
    private final Metadata metadata;
    private final Ledger ledger;
    private final ContentStore content;
    private final Snapshotters snapshotters;
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
            Snapshotters snapshotters,
            LayerApplier layers,
            Leases leases) {
        this.opened = opened;
        this.metadata = metadata;
        this.ledger = ledger;
        this.content = content;
        this.snapshotters = snapshotters;
        this.layers = layers;
        this.leases = leases;
        this.collector = new Collector(content, snapshotters, leases);
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
        return open(root, linux, clock, snapshotter, Set.of());
    }

    /**
     * As the other, with further snapshotters beside the standard one. One that has a directory
     * below the root is opened too: what it holds has still to be found and removed.
     *
     * @param others names, {@code overlayfs} or {@code native}
     */
    public static Storage open(
            Path root, Linux linux, Clock clock, String snapshotter, Set<String> others)
            throws IOException {
        return open(root, linux, clock, snapshotter, others, (_, _) -> {});
    }

    /** As the other; {@code admission} may refuse before anything is swept. */
    public static Storage open(
            Path root,
            Linux linux,
            Clock clock,
            String snapshotter,
            Set<String> others,
            Admission admission)
            throws IOException {
        var sources = new TreeMap<String, SnapshotterSource>();
        sources.put(snapshotter, source(snapshotter));
        for (var other : others) {
            sources.put(other, source(other));
        }
        for (var known : List.of("overlayfs", "native")) {
            if (Files.isDirectory(root.resolve("snapshots").resolve(known))) {
                sources.put(known, source(known));
            }
        }
        return open(root, linux, clock, snapshotter, sources, admission);
    }

    private static SnapshotterSource source(String snapshotter) {
        return switch (snapshotter) {
            case "overlayfs" -> OverlaySnapshotter::open;
            case "native" -> NativeSnapshotter::open;
            default ->
                    throw new IllegalArgumentException(
                            "snapshotter: found \"%s\", wanted overlayfs or native"
                                    .formatted(snapshotter));
        };
    }

    /** Decides whether a store may be used, before anything beside it is looked at or swept. */
    public interface Admission {
        /** Throws if not; the root's lock is held. */
        void admit(Metadata metadata, Ledger ledger) throws IOException;
    }

    /** As the other, with a snapshotter from elsewhere, in {@code root/snapshots/name}. */
    public static Storage open(
            Path root, Linux linux, Clock clock, String name, SnapshotterSource source)
            throws IOException {
        return open(root, linux, clock, name, Map.of(name, source), (_, _) -> {});
    }

    private static Storage open(
            Path root,
            Linux linux,
            Clock clock,
            String standard,
            Map<String, SnapshotterSource> sources,
            Admission admission)
            throws IOException {
        Files.createDirectories(
                root,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (var kept : List.of("meta", "content", "snapshots")) {
            closed(root.resolve(kept));
        }
        var opened = new ArrayDeque<AutoCloseable>();
        try {
            var lock = FolderLock.take(root, "root", linux);
            opened.push(lock);
            var metadata = Metadata.open(root.resolve("meta"));
            opened.push(metadata);
            var ledger = Ledger.open(metadata);
            admission.admit(metadata, ledger);
            var content = ContentStore.open(root.resolve("content"), ledger, clock);
            opened.push(content);
            var byName = new TreeMap<String, Snapshotter>();
            for (var each : sources.entrySet()) {
                var directory = root.resolve("snapshots").resolve(each.getKey());
                byName.put(each.getKey(), each.getValue().open(directory, linux, clock, metadata));
            }
            var snapshotters = new Snapshotters(standard, byName);
            var layers = new LayerApplier(linux);
            var leases = Leases.open(metadata, clock);
            return new Storage(opened, metadata, ledger, content, snapshotters, layers, leases);
        } catch (IOException | RuntimeException | Error failed) {
            closeAll(opened, failed);
            throw failed;
        }
    }

    /** Makes a folder that only root passes through, whoever may pass through the root's own. */
    private static void closed(Path folder) throws IOException {
        var mode = PosixFilePermissions.fromString("rwx------");
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(mode));
        if (!Files.getPosixFilePermissions(folder).equals(mode)) {
            Files.setPosixFilePermissions(folder, mode);
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

    /** File trees, in the standard snapshotter. */
    public Snapshotter snapshotter() {
        return snapshotters.standard();
    }

    /** File trees, in whichever snapshotter. */
    public Snapshotters snapshotters() {
        return snapshotters;
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
