package io.berth.sandbox.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class AnswerRoomTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final AnswerRoom room = new AnswerRoom(100);
    private final CompletableFuture<Void> never = new CompletableFuture<>();

    @Test
    void answersGoTogetherAsLongAsTheyFit() throws IOException {
        var one = room.take(60, never, LONG);
        var two = room.take(40, never, LONG);
        assertThat(room.held()).isEqualTo(100);
        one.close();
        one.close();
        assertThat(room.held()).isEqualTo(40);
        two.close();
        assertThat(room.held()).isZero();
    }

    @Test
    void whoDoesNotFitWaitsForTheOthers() throws Exception {
        var first = room.take(60, never, LONG);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var second = executor.submit(() -> room.take(60, never, LONG));
            first.close();
            second.get(60, TimeUnit.SECONDS).close();
        }
        assertThat(room.held()).isZero();
    }

    @Test
    void oneLongerThanTheLimitGoesAlone() throws Exception {
        var first = room.take(1, never, LONG);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var second = executor.submit(() -> room.take(1000, never, LONG));
            first.close();
            var place = second.get(60, TimeUnit.SECONDS);
            assertThat(room.held()).isEqualTo(100);
            place.close();
        }
    }

    @Test
    void whoWaitsTooLongLearnsWhoKeepsTheRoom() throws IOException {
        try (var _ = room.take(70, never, LONG)) {
            assertThatThrownBy(() -> room.take(50, never, Duration.ofMillis(10)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no room for its output of 50 bytes within PT0.01S")
                    .hasMessageContaining("70 bytes");
            room.take(30, never, LONG).close();
        }
    }

    @Test
    void whoseCallerLeftWaitsNoLonger() throws IOException {
        var gone = CompletableFuture.completedFuture(null);
        try (var _ = room.take(70, never, LONG)) {
            assertThatThrownBy(() -> room.take(50, gone, LONG))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("caller left");
            assertThat(room.held()).isEqualTo(70);
        }
        assertThat(room.held()).isZero();
    }

    @Test
    void anInterruptEndsTheWait() throws Exception {
        try (var _ = room.take(70, never, LONG)) {
            var outcome = new CompletableFuture<String>();
            var waiting =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            room.take(50, never, LONG).close();
                                            outcome.complete("taken");
                                        } catch (IOException e) {
                                            outcome.complete(e.getMessage());
                                        }
                                    });
            waiting.interrupt();
            assertThat(outcome.get(60, TimeUnit.SECONDS)).contains("interrupted");
        }
        assertThat(room.held()).isZero();
    }
}
