package io.berth.sandbox.resource;

import io.berth.storage.metadata.Ledger;
import io.berth.storage.snapshot.SnapshotInfo;
import io.berth.storage.snapshot.SnapshotKind;
import io.berth.storage.snapshot.Snapshotter;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;

/** Removes what was made on images: writable snapshots and views. */
public final class SnapshotRemover implements Remover {
    private final Snapshotter snapshotter;

    public SnapshotRemover(Snapshotter snapshotter) {
        this.snapshotter = snapshotter;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        snapshotter.remove(entry.key());
    }

    @Override
    public Set<String> standing() throws IOException {
        return snapshotter.list().stream()
                .filter(info -> info.kind() != SnapshotKind.COMMITTED)
                .map(SnapshotInfo::id)
                .collect(Collectors.toSet());
    }
}
