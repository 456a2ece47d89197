package io.berth.sandbox.resource;

import io.berth.storage.content.Digest;
import io.berth.storage.lease.Roots;
import io.berth.storage.snapshot.SnapshotInfo;
import io.berth.storage.snapshot.SnapshotKind;
import io.berth.storage.snapshot.SnapshotName;
import io.berth.storage.snapshot.Snapshotters;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Keeps the layers below every container's snapshot from collection. */
public final class HeldSnapshots implements Roots {
    private final Snapshotters snapshotters;

    public HeldSnapshots(Snapshotters snapshotters) {
        this.snapshotters = snapshotters;
    }

    @Override
    public String name() {
        return "containers";
    }

    @Override
    public Set<Digest> blobs() {
        return Set.of();
    }

    @Override
    public Set<SnapshotName> snapshots() {
        return snapshotters.list().stream()
                .filter(info -> info.kind() != SnapshotKind.COMMITTED)
                .map(SnapshotInfo::parent)
                .flatMap(Optional::stream)
                .collect(Collectors.toSet());
    }
}
