package io.berth.storage.lease;

import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.util.List;

/**
 * What a collection removed.
 *
 * @param blobs in no order
 * @param snapshots children before their parents
 * @param blobBytes the sum of the blobs' sizes
 * @param failed what could not be removed, and why; it is tried again next time
 */
public record Collected(
        List<Digest> blobs, List<SnapshotName> snapshots, long blobBytes, List<String> failed) {
    /** Copies the lists. */
    public Collected {
        blobs = List.copyOf(blobs);
        snapshots = List.copyOf(snapshots);
        failed = List.copyOf(failed);
    }
}
