package io.berth.storage.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GroupCommitTest {
    private static final int WRITERS = 64;
    private static final int EACH = 20;
    @TempDir Path root;

    @Test
    void parallelWritersOfTheLedgerAllGetThroughAndShareSyncs() throws Exception {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            var ledger = Ledger.open(metadata);
            var alone = new ArrayList<Long>();
            for (int i = 0; i < 50; i++) {
                alone.add(timedIntent(ledger, "alone", i));
            }
            long before = metadata.syncs();
            var together = inParallel(ledger);
            assertThat(ledger.entries()).hasSize(50 + WRITERS * EACH);
            report("one writer", alone);
            report(WRITERS + " writers", together);
            assertThat(metadata.syncs() - before).isLessThan(WRITERS * EACH / 2);
        }
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            assertThat(Ledger.open(metadata).entries()).hasSize(50 + WRITERS * EACH);
        }
    }

    private static List<Long> inParallel(Ledger ledger) throws Exception {
        var work = new ArrayList<Callable<List<Long>>>();
        for (int w = 0; w < WRITERS; w++) {
            var owner = "writer-" + w;
            work.add(
                    () -> {
                        var times = new ArrayList<Long>();
                        for (int i = 0; i < EACH; i++) {
                            times.add(timedIntent(ledger, owner, i));
                        }
                        return times;
                    });
        }
        var times = new ArrayList<Long>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<List<Long>> done : threads.invokeAll(work)) {
                times.addAll(done.get());
            }
        }
        return times;
    }

    private static long timedIntent(Ledger ledger, String owner, int i) {
        long began = System.nanoTime();
        ledger.intend(new Ledger.Entry("netns", owner + "/" + i, owner, Instant.EPOCH));
        return System.nanoTime() - began;
    }

    private static void report(String what, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        System.getLogger(GroupCommitTest.class.getName())
                .log(
                        System.Logger.Level.INFO,
                        "ledger intent, {0}: p50 {1} us, p99 {2} us, n {3}",
                        what,
                        sorted[sorted.length / 2] / 1000,
                        sorted[sorted.length * 99 / 100] / 1000,
                        Arrays.stream(sorted).count());
    }
}
