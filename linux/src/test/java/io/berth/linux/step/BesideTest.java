package io.berth.linux.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BesideTest {
    private final CountDownLatch leave = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private static void fail(String why) throws IOException {
        throw new IOException(why);
    }

    /** A piece that is under way until it may leave. */
    private void slow() throws IOException {
        try {
            leave.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        ended.countDown();
    }

    @Test
    void allPiecesEndBeforeAFailureIsThrown() {
        var beside = new Beside("test").start(() -> fail("first")).start(this::slow);
        beside.start(leave::countDown);
        assertThatThrownBy(beside::join).isInstanceOf(IOException.class).hasMessage("first");
        assertThat(ended.getCount()).isZero();
    }

    @Test
    void thePieceStartedFirstFailsForAllWhicheverFailsFirst() {
        var beside =
                new Beside("test")
                        .start(
                                () -> {
                                    slow();
                                    throw new IllegalStateException("started first");
                                })
                        .start(
                                () -> {
                                    leave.countDown();
                                    fail("failed first");
                                })
                        .start(
                                () -> {
                                    throw new AssertionError("third");
                                });
        assertThatThrownBy(beside::join)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("started first")
                .satisfies(
                        failure ->
                                assertThat(failure.getSuppressed())
                                        .extracting(Throwable::getMessage)
                                        .containsExactly("failed first", "third"));
    }

    @Test
    void aFailedBlockWaitsForItsPiecesAndKeepsTheirFailures() {
        assertThatThrownBy(
                        () -> {
                            try (var _ = new Beside("test").start(() -> fail("beside"))) {
                                leave.countDown();
                                fail("block");
                            }
                        })
                .hasMessage("block")
                .satisfies(
                        failure ->
                                assertThat(failure.getSuppressed())
                                        .extracting(Throwable::getMessage)
                                        .containsExactly("beside"));
    }

    @Test
    void piecesAreWithinTheStepOfWhoStartsThem() throws IOException {
        Steps.run(
                "outer.step",
                "a",
                () -> new Beside("test").start(() -> Steps.require("mount")).join());
        assertThatThrownBy(() -> new Beside("test").start(() -> Steps.require("mount")).join())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("mount");
    }

    @Test
    void whatElseThereIsToInheritIsTakenFromWhoStartsThem() throws IOException {
        var threads = new CopyOnWriteArrayList<Thread>();
        new Beside(
                        "test",
                        piece -> {
                            threads.add(Thread.currentThread());
                            return piece;
                        })
                .start(() -> threads.add(Thread.currentThread()))
                .join();
        assertThat(threads).hasSize(2).startsWith(Thread.currentThread());
        assertThat(threads.getLast().getName()).isEqualTo("test-0");
    }

    @Test
    void anInterruptCutsNoWaitAndIsThereAfterwards() throws IOException {
        var caller = Thread.currentThread();
        var beside =
                new Beside("test")
                        .start(
                                () -> {
                                    while (caller.getState() != Thread.State.WAITING) {
                                        Thread.onSpinWait();
                                    }
                                    ended.countDown();
                                });
        caller.interrupt();
        try {
            beside.join();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(ended.getCount()).isZero();
    }
}
