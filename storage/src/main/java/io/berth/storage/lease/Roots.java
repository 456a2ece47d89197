package io.berth.storage.lease;

import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.util.Set;

/**
 * Says what its owner needs for good. Answers from memory, completely: manifests, configs and
 * layers of every image; every committed snapshot that something will be prepared on. Parents of a
 * named snapshot, and of one in use, need not be named.
 *
 * <p>What is moved from a lease to a root is named here before the lease is released.
 */
public interface Roots {
    /** Who asks for them, for explanations; such as {@code images}. */
    String name();

    /** All blobs that must stay. */
    Set<Digest> blobs();

    /** All committed snapshots that must stay. */
    Set<SnapshotName> snapshots();
}
