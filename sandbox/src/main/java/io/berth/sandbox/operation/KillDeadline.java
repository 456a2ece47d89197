package io.berth.sandbox.operation;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One container's stop under way: when SIGKILL falls due, which later callers can only hasten. Who
 * waits is woken by the container's end and by an earlier SIGKILL, and by nothing else. Measured by
 * the clock that nobody sets.
 */
final class KillDeadline {
    /** Longer than any wait, and short enough for sums of nanoseconds. */
    private static final Duration EVER = Duration.ofDays(36_500);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final long begin = System.nanoTime();
    private long dueNanos = EVER.toNanos();
    private boolean ended;
    private boolean signalTaken;

    /** SIGKILL falls due when the grace is over, counted from now, if it does not before. */
    void noLaterThan(Duration grace) {
        lock.lock();
        try {
            var bounded = grace.compareTo(EVER) > 0 ? EVER : grace;
            dueNanos = Math.min(dueNanos, System.nanoTime() - begin + bounded.toNanos());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** True for the first who asks, who is to send the stop signal. */
    boolean takeSignal() {
        lock.lock();
        try {
            boolean first = !signalTaken;
            signalTaken = true;
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** The container's end stands in its record. */
    void ended() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits; true if the container ended before SIGKILL fell due. */
    boolean awaitEnd() throws InterruptedException {
        lock.lock();
        try {
            long left = dueNanos - (System.nanoTime() - begin);
            while (!ended && left > 0) {
                var _ = changed.await(left, TimeUnit.NANOSECONDS);
                left = dueNanos - (System.nanoTime() - begin);
            }
            return ended;
        } finally {
            lock.unlock();
        }
    }
}
