package io.berth.storage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CrashTest {
    private static final long SEED = Long.getLong("berth.test.seed", 20261121L);
    private static final int KILLS = 5;
    @TempDir Path root;

    @Test
    void whatWasAcknowledgedSurvivesSigkillAndPairsAreNeverSplit() throws Exception {
        var random = new Random(SEED);
        long next = 0;
        for (int round = 0; round < KILLS; round++) {
            var process = start(next);
            awaitAcknowledgements(process, next + 1 + random.nextInt(400));
            process.destroyForcibly();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            next = check("seed %d, round %d".formatted(SEED, round));
        }
    }

    private Process start(long first) throws IOException {
        var builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledWriter.class.getName(),
                                root.resolve("meta").toString(),
                                acknowledgements().toString(),
                                Long.toString(first))
                        .redirectErrorStream(true)
                        .redirectOutput(root.resolve("output").toFile());
        // Killed, it cannot delete the library that it unpacks.
        builder.environment().put("ROCKSDB_SHAREDLIB_DIR", root.toString());
        return builder.start();
    }

    private void awaitAcknowledgements(Process process, long wanted) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (acknowledged().stream().mapToLong(n -> n).max().orElse(-1) < wanted) {
            assertThat(System.nanoTime()).as("the writer is slow").isLessThan(deadline);
            assertThat(process.waitFor(2, TimeUnit.MILLISECONDS))
                    .as(() -> "the writer ended: " + output())
                    .isFalse();
        }
    }

    /** Reopens, compares, and returns the first number that is free. */
    private long check(String run) throws IOException {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var left = metadata.table(KilledWriter.LEFT).all();
            var right = metadata.table(KilledWriter.RIGHT).all();
            assertThat(left).as(run).isEqualTo(right);
            var acknowledged = acknowledged();
            assertThat(left.keySet())
                    .as(run)
                    .containsAll(acknowledged.stream().map(n -> Long.toString(n)).toList());
            assertThat(left.size())
                    .as("%s: no more than one unacknowledged pair a thread and kill", run)
                    .isLessThanOrEqualTo(acknowledged.size() + KilledWriter.THREADS * KILLS);
            return 1 + left.values().stream().mapToLong(KilledWriter.Half::number).max().orElse(-1);
        }
    }

    @Test
    void aTornTailOfTheLogCostsTheLastRecordOnly() throws Exception {
        writeThenKill();
        var log = newestLog();
        try (var file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(usedLength(file) - 5);
        }
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var left = metadata.table(KilledWriter.LEFT).all();
            assertThat(left).isEqualTo(metadata.table(KilledWriter.RIGHT).all()).isNotEmpty();
            var lost = acknowledged();
            lost.removeIf(n -> left.containsKey(Long.toString(n)));
            assertThat(lost).hasSizeLessThanOrEqualTo(KilledWriter.THREADS);
        }
    }

    @Test
    void damageInTheMiddleOfTheLogIsRefusedNotSkipped() throws Exception {
        writeThenKill();
        try (var file = new RandomAccessFile(newestLog().toFile(), "rw")) {
            // In a value: a length that points past the end is taken for a torn tail.
            long at = usedLength(file) / 2;
            file.seek(at);
            while (file.read() != 'x') {
                at++;
            }
            file.seek(at);
            file.write('y');
        }
        assertThatThrownBy(() -> Metadata.open(root.resolve("meta")).close())
                .isInstanceOf(MetadataException.Corrupt.class)
                .hasMessageContaining(root.resolve("meta") + ": damaged: ");
    }

    private void writeThenKill() throws Exception {
        var process = start(0);
        awaitAcknowledgements(process, 50);
        process.destroyForcibly();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private Path newestLog() throws IOException {
        try (var files = Files.list(root.resolve("meta"))) {
            return files.filter(f -> f.toString().endsWith(".log"))
                    .max(Comparator.comparing(Path::toString))
                    .orElseThrow();
        }
    }

    /** Without the zeroes that RocksDB reserves at the end. */
    private static long usedLength(RandomAccessFile file) throws IOException {
        long length = file.length();
        while (length > 0) {
            file.seek(length - 1);
            if (file.read() != 0) {
                return length;
            }
            length--;
        }
        return 0;
    }

    private Path acknowledgements() {
        return root.resolve("acknowledged");
    }

    private List<Long> acknowledged() throws IOException {
        if (!Files.exists(acknowledgements())) {
            return List.of();
        }
        var text = Files.readString(acknowledgements());
        var whole = text.substring(0, text.lastIndexOf('\n') + 1);
        return new java.util.ArrayList<>(whole.lines().map(Long::valueOf).toList());
    }

    private String output() {
        try {
            return Files.readString(root.resolve("output"));
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }
}
