package io.berth.storage.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/** Reads logs that RocksDB has written, whole and cut. */
final class LogTailTest {
    private static final int RECORDS = 200;
    @TempDir Path meta;

    /** Every value ends in zeroes, and many fill more than a block of the log. */
    @BeforeEach
    void write() throws RocksDBException {
        try (var rocks = Rocks.open(meta)) {
            for (int i = 0; i < RECORDS; i++) {
                var value = new byte[i * 10];
                Arrays.fill(value, 0, value.length / 2, (byte) 'v');
                var records = new TreeMap<String, byte[]>();
                records.put("key-" + i, value);
                rocks.putAll("family-" + i % 5, records);
            }
        }
    }

    @Test
    void recordsThatEndInZeroesAreWhole() throws IOException {
        var log = new StoreFiles(meta).logs().getLast();
        assertThat(LogTail.torn(log)).isFalse();
        assertThat(LogTail.end(log)).isEqualTo(Files.size(log));
    }

    @Test
    void theListOfTablesIsWholeAfterManyStarts() throws IOException, RocksDBException {
        for (int start = 0; start < 30; start++) {
            try (var rocks = Rocks.open(meta)) {
                assertThat(rocks.sequence()).isPositive();
            } // closed: nothing is being added any more
            var manifest = new StoreFiles(meta).manifest().orElseThrow();
            assertThat(LogTail.end(manifest)).isEqualTo(Files.size(manifest));
        }
    }

    @Test
    void aRecordThatStopsWithinWhatIsReservedIsTorn() throws IOException {
        var log = new StoreFiles(meta).logs().getLast();
        var bytes = Files.readAllBytes(log);
        int wanted = bytes.length - 8; // the end of the last record, which held a byte that counts
        Arrays.fill(bytes, wanted - RECORDS * 10, bytes.length, (byte) 0);
        Files.write(log, bytes);
        assertThat(LogTail.torn(log)).isTrue();
        assertThat(LogTail.end(log)).isLessThan(wanted);
    }
}
