package io.berth.sandbox.resource;

import io.berth.storage.metadata.Ledger;
import io.berth.storage.snapshot.SnapshotInfo;
import io.berth.storage.snapshot.SnapshotKey;
import io.berth.storage.snapshot.SnapshotKind;
import io.berth.storage.snapshot.Snapshotters;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;

/** Removes what was made on images: writable snapshots and views. */
public final class SnapshotRemover implements Remover {
    private final Snapshotters snapshotters;

    public SnapshotRemover(Snapshotters snapshotters) {
        this.snapshotters = snapshotters;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        snapshotters.remove(new SnapshotKey(entry.key()));
    }

    @Override
    public Set<String> standing() throws IOException {
        return snapshotters.list().stream()
                .filter(info -> info.kind() != SnapshotKind.COMMITTED)
                .map(SnapshotInfo::id)
                .collect(Collectors.toSet());
    }
}
