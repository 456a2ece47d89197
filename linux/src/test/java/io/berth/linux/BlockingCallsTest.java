package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockingCallsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(30);
    private final BlockingCalls calls = new BlockingCalls(2, 3);
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void letGo() {
        release.countDown();
        calls.close();
    }

    private boolean hang() throws IOException {
        try {
            return release.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }

    private void hangIn(String party, String what) {
        assertThatExceptionOfType(BlockingCallTimeout.class)
                .isThrownBy(() -> calls.call(party, what, SHORT, this::hang))
                .withMessage("%s: %s has not returned within PT0.03S".formatted(party, what));
    }

    @Test
    void resultAndFailureComeBack() throws IOException {
        assertThat(calls.call("pod", "umount2", LONG, () -> 42)).isEqualTo(42);
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(
                        () ->
                                calls.run(
                                        "pod",
                                        "umount2",
                                        LONG,
                                        () -> {
                                            throw new LinuxException("umount2", Errno.EBUSY, "/a");
                                        }))
                .matches(failed -> failed.errno() == Errno.EBUSY);
        assertThat(calls.running()).isEmpty();
    }

    @Test
    void hungPartyIsRefusedByNameWhileOthersGoOn() throws IOException {
        hangIn("pod-a", "umount2 /a");
        hangIn("pod-a", "umount2 /b");
        assertThat(calls.running()).containsExactly("pod-a: umount2 /a", "pod-a: umount2 /b");
        assertThatExceptionOfType(BlockingCallsExhausted.class)
                .isThrownBy(() -> calls.call("pod-a", "mount /c", SHORT, () -> 1))
                .withMessageContaining("pod-a: mount /c found no free slot")
                .withMessageContaining("umount2 /a");
        assertThat(calls.call("pod-b", "mount", LONG, () -> 1)).isOne();
    }

    @Test
    void sumOfAllPartiesIsBounded() {
        hangIn("pod-a", "one");
        hangIn("pod-b", "two");
        hangIn("pod-c", "three");
        assertThatExceptionOfType(BlockingCallsExhausted.class)
                .isThrownBy(() -> calls.call("pod-d", "four", SHORT, () -> 1))
                .withMessageContaining("of 3 in all 3 are taken");
    }

    @Test
    void slotComesBackWhenTheHungCallReturns() throws IOException {
        hangIn("pod-a", "one");
        hangIn("pod-a", "two");
        release.countDown();
        assertThat(calls.call("pod-a", "three", LONG, () -> 3)).isEqualTo(3);
    }

    @Test
    void lateResultIsClosed() throws Exception {
        var closed = new CountDownLatch(1);
        assertThatExceptionOfType(BlockingCallTimeout.class)
                .isThrownBy(
                        () ->
                                calls.<AutoCloseable>call(
                                        "pod",
                                        "open",
                                        SHORT,
                                        () -> {
                                            boolean _ = hang();
                                            return closed::countDown;
                                        }));
        release.countDown();
        assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void openStepGoesAlong() throws IOException {
        Steps.run(
                "test.step",
                "a",
                () -> calls.run("pod", "mount", LONG, () -> Steps.require("mount")));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> calls.run("pod", "mount", LONG, () -> Steps.require("mount")));
    }

    @Test
    void limitsMustAllowACall() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new BlockingCalls(0, 1).close());
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new BlockingCalls(2, 1).close());
    }
}
