package io.berth.storage.snapshot;

/** What may be done with a snapshot. */
public enum SnapshotKind {
    /** Writable under its key; may be committed. */
    ACTIVE,
    /** Readable under its key; never committed. */
    VIEW,
    /** Fixed under its name; may be a parent. */
    COMMITTED
}
