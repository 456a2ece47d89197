package io.berth.storage.metadata;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.WriteBatch;

/**
 * One open RocksDB with all its column families. Calls after {@link #close} would crash the
 * process: {@link Store} keeps them apart.
 */
final class Rocks implements AutoCloseable {
    private final RocksSettings settings;
    private final RocksDB database;
    private final Map<String, ColumnFamilyHandle> families;

    private Rocks(
            RocksSettings settings, RocksDB database, Map<String, ColumnFamilyHandle> families) {
        this.settings = settings;
        this.database = database;
        this.families = families;
    }

    static Rocks open(Path directory) throws RocksDBException {
        return open(directory, Reading.WHOLE);
    }

    /** How much must be whole. */
    enum Reading {
        /** Everything, save a torn end of the log. */
        WHOLE,
        /** Records of the log that are damaged are left out. */
        DAMAGED_LOG,
        /** The log is left out, and tables that are missing. */
        TABLES
    }

    /** Opens it, and leaves out what is damaged as far as {@code reading} says. */
    static Rocks open(Path directory, Reading reading) throws RocksDBException {
        var settings = new RocksSettings(reading);
        try {
            var descriptors = new ArrayList<ColumnFamilyDescriptor>();
            for (var name : familiesIn(directory)) {
                descriptors.add(new ColumnFamilyDescriptor(name, settings.family));
            }
            var handles = new ArrayList<ColumnFamilyHandle>();
            var database =
                    RocksDB.open(settings.database, directory.toString(), descriptors, handles);
            var families = new ConcurrentHashMap<String, ColumnFamilyHandle>();
            for (int i = 0; i < handles.size(); i++) {
                families.put(text(descriptors.get(i).getName()), handles.get(i));
            }
            return new Rocks(settings, database, families);
        } catch (RocksDBException | RuntimeException failed) {
            settings.close();
            throw failed;
        }
    }

    /** Reads a table file alone, which knows its family's name; what it says was deleted is not. */
    static void scanTable(Path file, Map<String, Map<String, byte[]>> into)
            throws RocksDBException {
        RocksDB.loadLibrary();
        try (var options = new Options();
                var reader = new SstFileReader(options)) {
            reader.open(file.toString());
            var family = text(reader.getTableProperties().getColumnFamilyName());
            var records = into.computeIfAbsent(family, _ -> new TreeMap<>());
            try (var read = new ReadOptions();
                    var each = reader.newIterator(read)) {
                for (each.seekToFirst(); each.isValid(); each.next()) {
                    records.put(text(each.key()), each.value());
                }
                each.status();
            }
        }
    }

    private static List<byte[]> familiesIn(Path directory) throws RocksDBException {
        if (!Files.exists(directory.resolve("CURRENT"))) {
            return List.of(RocksDB.DEFAULT_COLUMN_FAMILY);
        }
        try (var options = new Options()) {
            var found = RocksDB.listColumnFamilies(options, directory.toString());
            return found.isEmpty() ? List.of(RocksDB.DEFAULT_COLUMN_FAMILY) : found;
        }
    }

    /** The names of all families, RocksDB's own default one included. */
    Set<String> families() {
        return Set.copyOf(families.keySet());
    }

    /** Counts the changes since the store was made. */
    long sequence() {
        return database.getLatestSequenceNumber();
    }

    /** Reads every table file through, against its checksums. */
    void verify() throws RocksDBException {
        database.verifyChecksum();
    }

    void ensureFamily(String name) throws RocksDBException {
        if (!families.containsKey(name)) {
            var descriptor = new ColumnFamilyDescriptor(bytes(name), settings.family);
            families.put(name, database.createColumnFamily(descriptor));
        }
    }

    byte @Nullable [] get(String family, byte[] key) throws RocksDBException {
        return database.get(handle(family), key);
    }

    /** Shows all records of a family, in the order of keys. */
    void scan(String family, BiConsumer<String, byte[]> each) throws RocksDBException {
        scan(
                family,
                "",
                (key, value) -> {
                    each.accept(key, value);
                    return true;
                });
    }

    /** Shows the records from a key on, in the order of keys, until {@code each} says no. */
    void scan(String family, String from, BiPredicate<String, byte[]> each)
            throws RocksDBException {
        try (var records = database.newIterator(handle(family))) {
            boolean more = true;
            for (records.seek(bytes(from)); more && records.isValid(); records.next()) {
                more = each.test(text(records.key()), records.value());
            }
            records.status();
        }
    }

    /** Writes records of any family, creating the family if need be, and syncs the log. */
    void putAll(String family, Map<String, byte[]> records) throws RocksDBException {
        ensureFamily(family);
        try (var merged = new WriteBatch()) {
            for (var record : records.entrySet()) {
                merged.put(handle(family), bytes(record.getKey()), record.getValue());
            }
            database.write(settings.durable, merged);
        }
    }

    /** Writes all batches as one, and syncs the log. */
    void write(List<Batch> group) throws RocksDBException {
        try (var merged = new WriteBatch()) {
            for (var batch : group) {
                for (var change : batch.changes()) {
                    byte[] value = change.value();
                    if (value == null) {
                        merged.delete(handle(change.family()), change.key());
                    } else {
                        merged.put(handle(change.family()), change.key(), value);
                    }
                }
            }
            database.write(settings.durable, merged);
        }
    }

    void checkpoint(Path target) throws RocksDBException {
        try (var checkpoint = Checkpoint.create(database)) {
            checkpoint.createCheckpoint(target.toString());
        }
    }

    @Override
    public void close() {
        families.values().forEach(ColumnFamilyHandle::close);
        try {
            database.closeE();
        } catch (RocksDBException unsynced) {
            // Everything acknowledged is in the synced log already: the next open replays it.
            System.getLogger(Rocks.class.getName())
                    .log(System.Logger.Level.WARNING, "metadata: close", unsynced);
        } finally {
            settings.close();
        }
    }

    private ColumnFamilyHandle handle(String family) {
        var handle = families.get(family);
        if (handle == null) {
            throw new IllegalStateException(
                    "family %s: not opened; ask Metadata.table first".formatted(family));
        }
        return handle;
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
