package io.berth.daemon.cli.run;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The wish that a run should end, and the first exit code other than 0. */
final class Stop {
    private final CountDownLatch requested = new CountDownLatch(1);
    private final AtomicInteger code = new AtomicInteger();
    private final AtomicReference<@Nullable Thread> breakable = new AtomicReference<>();

    /** Asks the run to end; breaks off what may be broken off. */
    void request() {
        requested.countDown();
        var thread = breakable.getAndSet(null);
        if (thread != null) {
            thread.interrupt();
        }
    }

    boolean requested() {
        return requested.getCount() == 0;
    }

    /** Waits for the wish; returns whether it has come. */
    boolean await(Duration atMost) {
        try {
            return requested.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Runs what may be broken off at any point, such as a pull. */
    void breakably(Runnable work) {
        breakable.set(Thread.currentThread());
        try {
            if (!requested()) {
                work.run();
            }
        } finally {
            if (breakable.getAndSet(null) == null) {
                Thread.interrupted(); // meant for the work alone
            }
        }
    }

    /** A container has ended. */
    void ended(int exitCode) {
        code.compareAndSet(0, exitCode);
    }

    int code() {
        return code.get();
    }
}
