package io.berth.storage.snapshot;

import io.berth.linux.Linux;
import io.berth.storage.layer.LayerApplied;
import io.berth.storage.layer.WhiteoutStyle;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * Snapshots as whole copies, for file systems on which overlayfs does not work: slow and large, and
 * free of conditions. Layers are applied in order, each on a copy of its parent.
 */
public final class NativeSnapshotter extends DirectorySnapshotter {
    private NativeSnapshotter(Parts parts) {
        super(parts);
    }

    /**
     * Opens the snapshots below {@code root}, sweeping what a crash left.
     *
     * @param root the daemon's {@code snapshots/native}; made if it is missing
     * @throws SnapshotException.Failed when the directory cannot be read or swept
     */
    public static NativeSnapshotter open(Path root, Linux linux, Clock clock, Metadata metadata) {
        return open(root, linux, clock, new MetadataSnapshotRecords(metadata, "snapshots-native"));
    }

    static NativeSnapshotter open(Path root, Linux linux, Clock clock, SnapshotRecords records) {
        return new NativeSnapshotter(parts(root, linux, clock, records));
    }

    @Override
    public WhiteoutStyle whiteoutStyle() {
        return WhiteoutStyle.DELETE;
    }

    @Override
    void makeActive(String key, long number, List<Long> chain) throws IOException {
        files.make(number, false);
        copyNearest(chain, files.fs(number));
    }

    /** Nothing is copied: the mount shows the parent itself, read-only. */
    @Override
    void makeView(String key, long number, List<Long> chain) throws IOException {
        files.make(number, false);
    }

    @Override
    void makeDraft(long number, List<Long> chain) throws IOException {
        files.makeDraft(number);
        copyNearest(chain, files.draft(number));
    }

    private void copyNearest(List<Long> chain, Path target) throws IOException {
        if (chain.isEmpty()) {
            return;
        }
        try (var from = files.open(files.fs(chain.getFirst()));
                var to = files.open(target)) {
            new TreeCopy(linux, to).from(from);
        }
    }

    @Override
    boolean settle(Path draft, LayerApplied applied, List<Long> chain) {
        return false; // the copy had them
    }

    @Override
    List<MountSpec> mounts(SnapshotKind kind, long number, List<Long> chain) {
        boolean writable = kind == SnapshotKind.ACTIVE;
        long shown = writable || chain.isEmpty() ? number : chain.getFirst();
        return List.of(
                new MountSpec(
                        "bind",
                        files.fs(shown).toString(),
                        List.of(writable ? "rw" : "ro", "rbind")));
    }

    @Override
    void checkChain(String key, List<Long> chain) {}
}
