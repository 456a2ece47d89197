package io.berth.storage.metadata;

import java.util.Properties;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;

/** RocksDB's options and the native objects behind them: everything in it is bounded. */
final class RocksSettings implements AutoCloseable {
    private static final long CACHE_BYTES = 8L << 20;
    private static final long WRITE_BUFFER_BYTES = 8L << 20;
    private static final long FAMILY_WRITE_BUFFER_BYTES = 2L << 20;
    private static final long WAL_BYTES = 16L << 20;
    private static final long MANIFEST_BYTES = 4L << 20;
    private static final long LOG_FILE_BYTES = 1L << 20;
    private static final int LOG_FILES = 3;
    private static final int OPEN_FILES = 128;

    static {
        RocksDB.loadLibrary();
    }

    private final Cache cache = new LRUCache(CACHE_BYTES);
    private final WriteBufferManager writeBuffers =
            new WriteBufferManager(WRITE_BUFFER_BYTES, cache);
    private final BloomFilter filter = new BloomFilter(10);
    final DBOptions database;
    final ColumnFamilyOptions family = familyOptions();
    final WriteOptions durable = new WriteOptions().setSync(true);

    RocksSettings(Rocks.Reading reading) {
        database = databaseOptions(reading);
    }

    private DBOptions databaseOptions(Rocks.Reading reading) {
        boolean salvaging = reading != Rocks.Reading.WHOLE;
        // No setters in the Java API: each WAL's size goes into the manifest and is checked at
        // open.
        var named = new Properties();
        named.setProperty("track_and_verify_wals_in_manifest", Boolean.toString(!salvaging));
        named.setProperty(
                "best_efforts_recovery", Boolean.toString(reading == Rocks.Reading.TABLES));
        var options = DBOptions.getDBOptionsFromProps(named);
        if (options == null) {
            throw new IllegalStateException("rocksdb: options were not accepted: " + named);
        }
        return options.setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setParanoidChecks(!salvaging)
                .setWalRecoveryMode(
                        salvaging
                                ? WALRecoveryMode.SkipAnyCorruptedRecords
                                : WALRecoveryMode.TolerateCorruptedTailRecords)
                .setMaxTotalWalSize(WAL_BYTES)
                .setMaxManifestFileSize(MANIFEST_BYTES)
                .setWriteBufferManager(writeBuffers)
                .setMaxOpenFiles(OPEN_FILES)
                .setMaxBackgroundJobs(2)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(LOG_FILE_BYTES)
                .setKeepLogFileNum(LOG_FILES)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setAvoidUnnecessaryBlockingIO(true);
    }

    private ColumnFamilyOptions familyOptions() {
        return new ColumnFamilyOptions()
                .setWriteBufferSize(FAMILY_WRITE_BUFFER_BYTES)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTableFormatConfig(
                        new BlockBasedTableConfig()
                                .setBlockCache(cache)
                                .setCacheIndexAndFilterBlocks(true)
                                .setFilterPolicy(filter));
    }

    @Override
    public void close() {
        durable.close();
        family.close();
        database.close();
        filter.close();
        writeBuffers.close();
        cache.close();
    }
}
