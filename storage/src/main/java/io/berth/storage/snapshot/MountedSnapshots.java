package io.berth.storage.snapshot;

import io.berth.linux.MountEntry;
import io.berth.linux.MountInfo;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Records of snapshots that running tasks have mounted, where the records are lost: without one a
 * snapshot's directory is swept when the snapshotter is opened, under the task. A layer gets a name
 * that no image has, and goes with the last snapshot on top of it.
 */
public final class MountedSnapshots {
    private static final Pattern LAYER = Pattern.compile("([0-9]{1,18})/fs");

    private final SnapshotRecords records;
    private final Path folder;
    private final Clock clock;
    private final Map<Long, String> ids = new HashMap<>();

    /**
     * @param root of the node, with {@code snapshots/SNAPSHOTTER} in it
     */
    public MountedSnapshots(Metadata metadata, Path root, String snapshotter, Clock clock) {
        this.records = new MetadataSnapshotRecords(metadata, "snapshots-" + snapshotter);
        this.folder = root.resolve("snapshots").resolve(snapshotter);
        this.clock = clock;
    }

    /**
     * Adds the records that are missing.
     *
     * @param bundles the folder of bundles: what is mounted at {@code ID/rootfs} in it is the
     *     snapshot with the key ID
     * @return how many snapshots of tasks were without a record
     */
    public int add(Path bundles) throws IOException {
        if (!Files.isDirectory(bundles) || !Files.isDirectory(folder)) {
            return 0;
        }
        records.all().forEach((id, record) -> ids.put(record.number(), id));
        var mounts = MountInfo.real(bundles);
        int added = 0;
        for (var mount : MountInfo.below(bundles)) {
            var at = mounts.relativize(mount.mountPoint());
            if (at.getNameCount() == 2 && at.endsWith("rootfs") && mount.type().equals("overlay")) {
                added += add(at.getName(0).toString(), mount);
            }
        }
        return added;
    }

    private int add(String key, MountEntry mount) throws IOException {
        var upper = numbers(option(mount, "upperdir"));
        if (upper.size() != 1 || ids.containsKey(upper.getFirst())) {
            return 0;
        }
        Optional<String> parent = Optional.empty();
        for (long lower : numbers(option(mount, "lowerdir")).reversed()) {
            var known = ids.get(lower);
            parent = Optional.of(known == null ? layer(lower, parent) : known);
        }
        record(key, SnapshotKind.ACTIVE, upper.getFirst(), parent);
        return 1;
    }

    private String layer(long number, Optional<String> parent) {
        var name = "salvaged-layer-" + number;
        record(name, SnapshotKind.COMMITTED, number, parent);
        return name;
    }

    private void record(String id, SnapshotKind kind, long number, Optional<String> parent) {
        var record =
                new SnapshotRecord(kind, number, parent, clock.instant(), false, Optional.empty());
        records.change(Optional.of(new SnapshotRecords.Named(id, record)), Optional.empty(), false);
        ids.put(number, id);
    }

    private static String option(MountEntry mount, String name) {
        return mount.superOptions().stream()
                .filter(option -> option.startsWith(name + "="))
                .map(option -> option.substring(name.length() + 1))
                .findFirst()
                .orElse("");
    }

    /** The directories below ours, the nearest layer first. */
    private List<Long> numbers(String folders) throws IOException {
        var found = new ArrayList<Long>();
        for (var each : folders.split(":", -1)) {
            var number = number(each);
            if (number.isPresent()) {
                found.add(number.getAsLong());
            }
        }
        return found;
    }

    private OptionalLong number(String text) throws IOException {
        var path = folder.resolve(text); // short where there are many
        if (!Files.isDirectory(path)) {
            return OptionalLong.empty(); // of a root that is not this one
        }
        var real = path.toRealPath();
        var ours = folder.toRealPath();
        var match = LAYER.matcher(real.startsWith(ours) ? ours.relativize(real).toString() : "");
        return match.matches()
                ? OptionalLong.of(Long.parseLong(match.group(1)))
                : OptionalLong.empty();
    }
}
