package io.berth.sandbox.operation;

import java.util.concurrent.atomic.AtomicLong;

/** How much output of commands is held in memory at once, in bytes. */
final class OutputBudget {
    private static final long LEAST = 2L * ExecSync.MAX_OUTPUT_BYTES;

    private final long limit = Math.max(LEAST, Runtime.getRuntime().maxMemory() / 4);
    private final AtomicLong held = new AtomicLong();

    /** Takes some; false if there is not so much. */
    boolean take(int bytes) {
        if (held.addAndGet(bytes) <= limit) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    long limit() {
        return limit;
    }
}
