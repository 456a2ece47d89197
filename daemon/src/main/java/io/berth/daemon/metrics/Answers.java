package io.berth.daemon.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The texts that callers are sent. A caller gets a text of its own while the memory budget has room
 * for it; without room it gets one that was made within the last second, so callers who never read
 * hold few texts. Of one thread.
 */
final class Answers {
    private static final long SHARED_NANOS = 1_000_000_000;

    /** The room that the first text is expected to take. */
    private static final int FIRST_BYTES = 64 << 10;

    private static final byte[] FRONT_PAGE =
            "<!doctype html><title>berth</title><a href=\"/metrics\">metrics</a>\n".getBytes(UTF_8);

    private final Metrics metrics;
    private final MemoryBudget memory;
    private byte[] last = {};
    private long madeAt;

    Answers(Metrics metrics, MemoryBudget memory) {
        this.metrics = metrics;
        this.memory = memory;
    }

    /**
     * A text for one caller.
     *
     * @param room closed once the text has left, or its caller has
     */
    record Text(ByteBuf body, MemoryBudget.Share room) {}

    /** The metrics, for one caller. */
    Text metrics() {
        long now = System.nanoTime();
        boolean old = last.length == 0 || now - madeAt > SHARED_NANOS;
        int size = last.length == 0 ? FIRST_BYTES : last.length;
        var own = memory.tryTake(ForeignKind.METRICS, size);
        var room = own.orElseGet(() -> memory.force(ForeignKind.METRICS, 0));
        if (old || own.isPresent()) {
            last = metrics.scrape().getBytes(UTF_8);
            madeAt = now;
            room.resize(last.length);
        }
        return new Text(Unpooled.wrappedBuffer(last), room);
    }

    /** A page that leads to the metrics. */
    static ByteBuf frontPage() {
        return Unpooled.wrappedBuffer(FRONT_PAGE);
    }
}
