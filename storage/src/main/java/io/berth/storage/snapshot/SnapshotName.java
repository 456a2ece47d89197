package io.berth.storage.snapshot;

/**
 * Names a committed snapshot; for image layers the chain id, {@code sha256:…}.
 *
 * @param value 1 to 256 printable ASCII characters; shares one space with {@link SnapshotKey}
 */
public record SnapshotName(String value) {
    /** Checks the form. */
    public SnapshotName {
        Identifiers.check("snapshot name", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
