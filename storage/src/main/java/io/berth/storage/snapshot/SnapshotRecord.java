package io.berth.storage.snapshot;

import java.time.Instant;
import java.util.Optional;

/**
 * What the metadata holds of a snapshot, under its key or name.
 *
 * @param number its directory
 * @param rootOpaque a layer that hides all of its parents (an opaque whiteout at its root)
 * @param usage of a committed one
 */
record SnapshotRecord(
        SnapshotKind kind,
        long number,
        Optional<String> parent,
        Instant created,
        boolean rootOpaque,
        Optional<Usage> usage) {

    SnapshotInfo info(String id) {
        return new SnapshotInfo(id, kind, parent.map(SnapshotName::new), created);
    }
}
