package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KillDeadlineTest {
    private static final Duration LONG = Duration.ofHours(10);

    @Test
    void oneCallerSendsTheSignal() {
        var deadline = new KillDeadline();
        assertThat(deadline.takeSignal()).isTrue();
        assertThat(deadline.takeSignal()).isFalse();
    }

    @Test
    void zeroIsDueAtOnce() throws Exception {
        var deadline = new KillDeadline();
        deadline.noLaterThan(Duration.ZERO);
        assertThat(deadline.awaitEnd()).isFalse();
    }

    @Test
    void anEndIsSeenAlsoByWhoComesLater() throws Exception {
        var deadline = new KillDeadline();
        deadline.noLaterThan(LONG);
        var waiting = wait(deadline);
        deadline.ended();
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(deadline.awaitEnd()).isTrue();
    }

    @Test
    void aShorterGraceWakesWhoWaits() throws Exception {
        var deadline = new KillDeadline();
        deadline.noLaterThan(LONG);
        var waiting = wait(deadline);
        deadline.noLaterThan(Duration.ZERO);
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void aLongerGraceDoesNotPutItOff() throws Exception {
        var deadline = new KillDeadline();
        deadline.noLaterThan(Duration.ZERO);
        deadline.noLaterThan(Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(deadline.awaitEnd()).isFalse();
    }

    private static CompletableFuture<Boolean> wait(KillDeadline deadline) {
        var result = new CompletableFuture<Boolean>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                result.complete(deadline.awaitEnd());
                            } catch (InterruptedException e) {
                                result.completeExceptionally(e);
                            }
                        });
        return result;
    }
}
