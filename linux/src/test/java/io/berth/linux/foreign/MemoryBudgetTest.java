package io.berth.linux.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MemoryBudgetTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final long TOTAL = 100_000;

    private final MemoryBudget patient = new MemoryBudget(TOTAL, LONG);
    private final MemoryBudget hasty = new MemoryBudget(TOTAL, SHORT);

    @Test
    void thePartsOfAllKindsAreTheBudget() {
        long sum = 0;
        for (var kind : ForeignKind.values()) {
            sum += hasty.limit(kind);
        }
        assertThat(sum).isEqualTo(TOTAL).isEqualTo(hasty.total());
    }

    @Test
    void theBudgetOfAHeapLeavesAThirdOfItToTheDaemonItself() {
        assertThat(MemoryBudget.ofThisHeap().total())
                .isLessThanOrEqualTo(Runtime.getRuntime().maxMemory() * 2 / 3)
                .isGreaterThan(Runtime.getRuntime().maxMemory() / 2);
    }

    @ParameterizedTest
    @EnumSource
    void aKindThatIsFullRefusesOnlyItsOwn(ForeignKind full) {
        try (var _ = hasty.take(full, hasty.limit(full))) {
            for (var kind : ForeignKind.values()) {
                assertThat(hasty.tryTake(kind, 1).isPresent()).isEqualTo(kind != full);
            }
        }
        assertThat(hasty.held(full)).isZero();
    }

    @Test
    void aRefusalNamesKindAndSizeAndTakesNothing() {
        long limit = hasty.limit(ForeignKind.REQUESTS);
        try (var _ = hasty.take(ForeignKind.REQUESTS, limit - 10)) {
            assertThatThrownBy(() -> hasty.take(ForeignKind.REQUESTS, 11))
                    .isInstanceOfSatisfying(
                            MemoryExhausted.class,
                            refused -> {
                                assertThat(refused.kind()).isEqualTo(ForeignKind.REQUESTS);
                                assertThat(refused.bytes()).isEqualTo(11);
                            })
                    .hasMessageContaining("requests: wanted 11 bytes, found %d of", limit - 10);
            assertThat(hasty.held(ForeignKind.REQUESTS)).isEqualTo(limit - 10);
            assertThat(hasty.refusals(ForeignKind.REQUESTS)).isEqualTo(1);
        }
    }

    @Test
    void whatCanNeverFitIsRefusedWithoutWaiting() {
        assertThatThrownBy(() -> patient.take(ForeignKind.OUTPUT, TOTAL))
                .isInstanceOf(MemoryExhausted.class)
                .hasMessageContaining("all output together may have");
    }

    @Test
    void aRequestWaitsUntilOthersGiveBack() {
        long limit = patient.limit(ForeignKind.STREAMS);
        var holder = patient.take(ForeignKind.STREAMS, limit);
        var taken = CompletableFuture.supplyAsync(() -> patient.take(ForeignKind.STREAMS, limit));
        holder.close();
        taken.join().close();
        assertThat(patient.held(ForeignKind.STREAMS)).isZero();
    }

    @Test
    void aLargeRequestIsNotOvertakenForEverBySmallOnes() throws InterruptedException {
        long limit = patient.limit(ForeignKind.ANSWERS);
        var first = patient.take(ForeignKind.ANSWERS, limit / 2);
        var asked = new CountDownLatch(1);
        var large =
                CompletableFuture.supplyAsync(
                        () -> {
                            asked.countDown();
                            return patient.take(ForeignKind.ANSWERS, limit);
                        });
        asked.await();
        while (patient.tryTake(ForeignKind.ANSWERS, 1).map(this::closed).isPresent()) {
            Thread.onSpinWait();
        }
        first.close();
        assertThat(large.join().bytes()).isEqualTo(limit);
    }

    private boolean closed(MemoryBudget.Share share) {
        share.close();
        return true;
    }

    @Test
    void aShareGrowsShrinksAndIsGivenBackOnce() {
        var share = hasty.take(ForeignKind.DOCUMENTS, 10);
        share.grow(20);
        assertThat(share.tryGrow(TOTAL)).isFalse();
        assertThat(share.bytes()).isEqualTo(30).isEqualTo(hasty.held(ForeignKind.DOCUMENTS));
        share.shrinkTo(5);
        assertThat(hasty.held(ForeignKind.DOCUMENTS)).isEqualTo(5);
        share.shrinkTo(50);
        assertThat(share.bytes()).isEqualTo(5);
        share.close();
        share.close();
        assertThat(hasty.held(ForeignKind.DOCUMENTS)).isZero();
        assertThat(share.tryGrow(3)).isTrue();
        assertThat(hasty.held(ForeignKind.DOCUMENTS)).isZero();
    }

    @Test
    void whatIsInMemoryAlreadyCountsAboveTheLimit() {
        long limit = hasty.limit(ForeignKind.RECORDS);
        try (var _ = hasty.force(ForeignKind.RECORDS, 2 * limit)) {
            assertThat(hasty.held(ForeignKind.RECORDS)).isEqualTo(2 * limit);
            assertThat(hasty.tryTake(ForeignKind.RECORDS, 1)).isEmpty();
        }
        assertThat(hasty.tryTake(ForeignKind.RECORDS, 1)).isPresent();
    }

    @Test
    void anInterruptEndsTheWaitAndStays() {
        long limit = patient.limit(ForeignKind.METRICS);
        try (var _ = patient.take(ForeignKind.METRICS, limit)) {
            var seen = new CompletableFuture<Boolean>();
            var waiting =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try (var _ = patient.take(ForeignKind.METRICS, 1)) {
                                            seen.complete(false);
                                        } catch (MemoryExhausted refused) {
                                            seen.complete(Thread.currentThread().isInterrupted());
                                        }
                                    });
            waiting.interrupt();
            assertThat(seen.join()).isTrue();
        }
    }

    @Test
    void manyThreadsNeverHoldMoreThanThereIs() {
        long limit = patient.limit(ForeignKind.REQUESTS);
        var inside = new AtomicLong();
        var most = new AtomicLong();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < 200; i++) {
                long bytes = 1 + i * limit / 400;
                all.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    try (var _ = patient.take(ForeignKind.REQUESTS, bytes)) {
                                        long now = inside.addAndGet(bytes);
                                        most.accumulateAndGet(now, Math::max);
                                        Thread.onSpinWait();
                                        inside.addAndGet(-bytes);
                                    }
                                },
                                threads));
            }
            all.forEach(CompletableFuture::join);
        }
        assertThat(most.get()).isLessThanOrEqualTo(limit).isGreaterThan(0);
        assertThat(patient.held(ForeignKind.REQUESTS)).isZero();
    }
}
