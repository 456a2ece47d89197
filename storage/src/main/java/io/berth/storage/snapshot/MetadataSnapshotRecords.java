package io.berth.storage.snapshot;

import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import io.berth.storage.metadata.Table;
import java.util.Map;
import java.util.Optional;

/** The records of snapshots in the metadata store, one family for each snapshotter's name. */
final class MetadataSnapshotRecords implements SnapshotRecords {
    private final Metadata metadata;
    private final Table<SnapshotRecord> table;

    /** {@code family} is {@code snapshots-} and the snapshotter's name. */
    MetadataSnapshotRecords(Metadata metadata, String family) {
        this.metadata = metadata;
        this.table = metadata.table(new Family<>(family, 1, SnapshotRecord.class));
    }

    @Override
    public Map<String, SnapshotRecord> all() {
        return table.all();
    }

    @Override
    public void change(Optional<Named> set, Optional<String> delete, boolean grows) {
        var batch = new Batch();
        set.ifPresent(named -> batch.put(table, named.id(), named.record()));
        delete.ifPresent(id -> batch.delete(table, id));
        metadata.commit(grows ? batch.grows() : batch);
    }
}
