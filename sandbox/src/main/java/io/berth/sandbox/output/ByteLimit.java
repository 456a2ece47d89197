package io.berth.sandbox.output;

import java.util.concurrent.atomic.AtomicLong;

/** So many bytes may be held at once, by all holders together. Safe from any thread. */
final class ByteLimit {
    private final long limit;
    private final AtomicLong held = new AtomicLong();

    ByteLimit(long limit) {
        this.limit = limit;
    }

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

    /** How many are held now. */
    long held() {
        return held.get();
    }

    long limit() {
        return limit;
    }
}
