package io.berth.storage.metadata;

import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The store of all records. Any thread may read and commit; one platform thread writes, and commits
 * that arrive together share one sync of the log.
 *
 * <p>When the disk is full the reserve is given up, batches that {@linkplain Batch#grows() grow}
 * are refused, others go on being accepted, and the reserve is rebuilt as soon as there is room.
 */
public final class Metadata implements Closeable {
    private static final String DEFAULT = "default";

    /** Of records that are taken to a new version in one batch. */
    private static final long MIGRATION_BYTES = 4 << 20;

    private final Store store;
    private final StoreThread thread;
    private final Map<String, Table<?>> tables = new ConcurrentHashMap<>();

    private Metadata(Store store) {
        this.store = store;
        this.thread = new StoreThread(store);
    }

    /**
     * Opens the store in {@code directory}, creating it if it is missing. A torn record at the end
     * of the log, which nobody was told of, is dropped; the reserve is built beside the directory.
     *
     * @throws MetadataException.Locked when another process has it open
     * @throws MetadataException.Corrupt when it is damaged. RocksDB's log gives each record a
     *     length and a checksum: a damaged length in the log's last 32 KiB cannot be told from a
     *     torn end, and is taken for one
     */
    public static Metadata open(Path directory) {
        var metadata = new Metadata(Store.open(directory));
        metadata.thread.start();
        return metadata;
    }

    /**
     * The table of {@code family}. The first call of a process creates it or takes its records to
     * the family's version, some megabytes at a time.
     *
     * @throws MetadataException.UnreadableRecord when a record's version is unknown, naming it
     * @throws IllegalStateException when the name was opened with another family value
     */
    public <T> Table<T> table(Family<T> family) {
        var found = tables.get(family.name());
        if (found == null) {
            found = thread.call(() -> tables.computeIfAbsent(family.name(), _ -> prepare(family)));
        }
        if (!found.family().equals(family)) {
            throw new IllegalStateException(
                    "family %s: opened already as %s, wanted %s"
                            .formatted(family.name(), found.family(), family));
        }
        @SuppressWarnings("unchecked") // equal families have the same type
        var table = (Table<T>) found;
        return table;
    }

    /**
     * The documents of a family, which is created if it is missing.
     *
     * @param family lower-case letters, digits and dashes; never changes
     */
    public Documents documents(String family) {
        thread.call(
                () ->
                        store.change(
                                rocks -> {
                                    rocks.ensureFamily(family);
                                    return true;
                                }));
        return new Documents(this, family);
    }

    /**
     * Makes {@code batch} durable: all of it, synced, when this returns. An interrupt does not end
     * the wait.
     *
     * @throws MetadataException.NoSpace when it grows and the disk is full, or when nothing helps
     * @throws MetadataException.Failed when it may or may not be there after a restart
     */
    public void commit(Batch batch) {
        if (!batch.isEmpty()) {
            thread.commit(batch);
        }
    }

    /** Whether batches that grow are accepted; never waits. */
    public SpaceState spaceState() {
        return store.space();
    }

    /**
     * Writes a consistent copy of the whole store, which can be opened on its own, to {@code
     * target}; it must not exist, and should be on the same file system (files are linked).
     */
    public void checkpoint(Path target) {
        thread.call(
                () ->
                        store.change(
                                rocks -> {
                                    rocks.checkpoint(target);
                                    return true;
                                }));
    }

    /**
     * Keeps a copy of all records in {@code file} from now on, in step with each commit and without
     * a sync: it outlives this process, not the machine. It is what {@link StoreSalvage} goes by
     * when the store itself is damaged or gone.
     *
     * @param id of the root, by which the copy is known
     */
    public void copyTo(Path file, String id) {
        thread.call(
                () -> {
                    store.copyTo(file, id);
                    return true;
                });
    }

    /** Waits for commits under way and closes the store; later calls throw Closed. */
    @Override
    public void close() {
        if (thread.close()) {
            store.close();
        }
    }

    /** How often the log was synced since the start; less often than there were commits. */
    public long syncs() {
        return thread.syncs();
    }

    Optional<byte[]> read(String family, String key) {
        byte[] bytes = Batch.keyBytes(family, key);
        return store.read(rocks -> Optional.ofNullable(rocks.get(family, bytes)));
    }

    /** Shows all records in the order of keys, as of one moment. */
    void scan(String family, BiConsumer<String, byte[]> each) {
        scan(
                family,
                "",
                (key, bytes) -> {
                    each.accept(key, bytes);
                    return true;
                });
    }

    private void scan(String family, String from, BiPredicate<String, byte[]> each) {
        store.read(
                rocks -> {
                    rocks.scan(family, from, each);
                    return true;
                });
    }

    /** On the store thread. */
    private <T> Table<T> prepare(Family<T> family) {
        var table = new Table<>(this, family);
        store.change(
                rocks -> {
                    rocks.ensureFamily(family.name());
                    return true;
                });
        var marker = "family/" + family.name();
        int version =
                read(DEFAULT, marker)
                        .map(bytes -> RecordCodec.markerVersion(marker, bytes))
                        .orElse(0);
        if (version > family.version()) {
            throw new MetadataException.UnreadableRecord(
                    DEFAULT,
                    marker,
                    "found version %d, wanted at most %d; a newer berth wrote it"
                            .formatted(version, family.version()));
        }
        if (version < family.version()) {
            migrate(table);
            var migrated = RecordCodec.marker(family.version());
            store.write(List.of(new Batch().putRaw(DEFAULT, marker, migrated)));
        }
        return table;
    }

    /** Some megabytes at a time, whatever the store holds. */
    private void migrate(Table<?> table) {
        Optional<String> next = Optional.of("");
        while (next.isPresent()) {
            var batch = new Batch();
            next = migrate(table, next.get(), batch);
            if (!batch.isEmpty()) {
                store.write(List.of(batch));
            }
        }
    }

    /** Returns the key to go on with, if the batch is full before the last record. */
    private Optional<String> migrate(Table<?> table, String from, Batch batch) {
        var rest = new AtomicReference<@Nullable String>();
        scan(
                table.name(),
                from,
                (key, bytes) -> {
                    if (batch.bytes() >= MIGRATION_BYTES) {
                        rest.set(key);
                        return false;
                    }
                    table.codec()
                            .migrate(key, bytes, batch)
                            .ifPresent(raw -> batch.putRaw(table.name(), key, raw));
                    return true;
                });
        return Optional.ofNullable(rest.get());
    }
}
