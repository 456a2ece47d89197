package io.berth.storage.snapshot;

import io.berth.linux.Linux;
import io.berth.storage.layer.LayerApplied;
import io.berth.storage.layer.WhiteoutStyle;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Snapshots as differences that overlayfs stacks: a snapshot's directory holds only what it
 * changes.
 *
 * <p>The kernel takes 500 lower directories (fs/overlayfs, OVL_MAX_STACK) and reads mount(2)'s data
 * up to a page. The shim's mounter works in the directory that the lower ones share when the full
 * paths do not fit, as containerd's does; so a chain is limited to what fits in a page when written
 * as {@code 17/fs:16/fs}, beside the two full paths above. That is about 480 layers; a longer chain
 * is refused.
 */
public final class OverlaySnapshotter extends DirectorySnapshotter {
    private static final int MAX_LAYERS = 500;
    private static final int MAX_DATA_BYTES = 4095;
    private static final Path INDEX = Path.of("/sys/module/overlay/parameters/index");

    private final boolean indexKnown;

    private OverlaySnapshotter(Parts parts) {
        super(parts);
        this.indexKnown = Files.exists(INDEX);
    }

    /**
     * Opens the snapshots below {@code root}, sweeping what a crash left.
     *
     * @param root the daemon's {@code snapshots/overlayfs}; made if it is missing
     * @throws SnapshotException.Failed when the directory cannot be read or swept
     */
    public static OverlaySnapshotter open(Path root, Linux linux, Clock clock, Metadata metadata) {
        return open(
                root, linux, clock, new MetadataSnapshotRecords(metadata, "snapshots-overlayfs"));
    }

    static OverlaySnapshotter open(Path root, Linux linux, Clock clock, SnapshotRecords records) {
        return new OverlaySnapshotter(parts(root, linux, clock, records));
    }

    @Override
    public WhiteoutStyle whiteoutStyle() {
        return WhiteoutStyle.OVERLAY;
    }

    @Override
    void makeActive(String key, long number, List<Long> chain) throws IOException {
        files.make(number, true);
        inheritRoot(files.fs(number), chain);
    }

    @Override
    void makeView(String key, long number, List<Long> chain) throws IOException {
        files.make(number, false);
        inheritRoot(files.fs(number), chain);
    }

    /** The root of a merged tree has the attributes of its topmost layer. */
    private void inheritRoot(Path fs, List<Long> chain) throws IOException {
        if (chain.isEmpty()) {
            return;
        }
        try (var from = files.open(files.fs(chain.getFirst()));
                var to = files.open(fs)) {
            new FileAttributes(linux).copy(from, to);
        }
    }

    @Override
    void makeDraft(long number, List<Long> chain) throws IOException {
        files.makeDraft(number);
    }

    @Override
    boolean settle(Path draft, LayerApplied applied, List<Long> chain) throws IOException {
        inheritRoot(draft, chain);
        var layers = chain.stream().map(files::fs).toList();
        return new ImpliedDirectories(linux, layers).settle(draft, applied.impliedDirectories());
    }

    @Override
    List<MountSpec> mounts(SnapshotKind kind, long number, List<Long> chain) {
        boolean writable = kind == SnapshotKind.ACTIVE;
        if (chain.isEmpty() || (!writable && chain.size() == 1)) {
            long shown = chain.isEmpty() ? number : chain.getFirst();
            return List.of(
                    new MountSpec(
                            "bind",
                            files.fs(shown).toString(),
                            List.of(writable ? "rw" : "ro", "rbind")));
        }
        var options = new ArrayList<String>();
        if (indexKnown) {
            options.add("index=off"); // an upper directory may be mounted again after a crash
        }
        if (writable) {
            options.add("workdir=" + files.work(number));
            options.add("upperdir=" + files.fs(number));
        } else {
            options.add("ro");
        }
        String lower =
                chain.stream()
                        .map(layer -> files.fs(layer).toString())
                        .collect(Collectors.joining(":"));
        options.add("lowerdir=" + lower);
        return List.of(new MountSpec("overlay", "overlay", options));
    }

    @Override
    void checkChain(String key, List<Long> chain) {
        int data = 64 + files.work(Long.MAX_VALUE / 2).toString().length() * 2;
        int fitting = 0;
        for (long layer : chain) {
            data += SnapshotFiles.shortFs(layer).length() + 1;
            if (data > MAX_DATA_BYTES || fitting == MAX_LAYERS) {
                throw new SnapshotException.ChainTooLong(key, chain.size(), fitting);
            }
            fitting++;
        }
    }
}
