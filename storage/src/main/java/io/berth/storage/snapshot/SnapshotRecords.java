package io.berth.storage.snapshot;

import java.util.Map;
import java.util.Optional;

/** Where the records of snapshots are kept: the metadata store, or a test's memory. */
interface SnapshotRecords {
    /** All records, by key or name. */
    Map<String, SnapshotRecord> all();

    /**
     * Makes one change, durable and atomic when it returns: sets the one, deletes the other.
     *
     * @param grows whether it records something new, and is refused while the disk is full
     */
    void change(Optional<Named> set, Optional<String> delete, boolean grows);

    /** A record and what it goes by. */
    record Named(String id, SnapshotRecord record) {}
}
