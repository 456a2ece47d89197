package io.berth.storage.snapshot;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of a snapshot without looking at its files.
 *
 * @param id its key (active, view) or name (committed)
 * @param parent the committed snapshot that it builds on; empty at the root of a chain
 * @param created when it was prepared, or committed
 */
public record SnapshotInfo(
        String id, SnapshotKind kind, Optional<SnapshotName> parent, Instant created) {}
