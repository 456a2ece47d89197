package io.berth.storage.snapshot;

/**
 * Names an active snapshot or a view; chosen by the caller before it exists.
 *
 * @param value 1 to 256 printable ASCII characters; shares one space with {@link SnapshotName}
 */
public record SnapshotKey(String value) {
    /** Checks the form. */
    public SnapshotKey {
        Identifiers.check("snapshot key", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
