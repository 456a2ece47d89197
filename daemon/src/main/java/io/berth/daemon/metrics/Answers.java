package io.berth.daemon.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The texts that callers are sent. While several are on their way a further caller gets a text that
 * was made within the last second, so those who never read hold few of them. Of one thread.
 */
final class Answers {
    private static final int OWN_TEXTS = 4;
    private static final long SHARED_NANOS = 1_000_000_000;
    private static final byte[] FRONT_PAGE =
            "<!doctype html><title>berth</title><a href=\"/metrics\">metrics</a>\n".getBytes(UTF_8);

    private final Metrics metrics;
    private byte[] last = {};
    private long madeAt;
    private int onTheirWay;

    Answers(Metrics metrics) {
        this.metrics = metrics;
    }

    /** The metrics; the caller says {@link #sent} when the text has left. */
    ByteBuf metrics() {
        onTheirWay++;
        long now = System.nanoTime();
        if (last.length == 0 || onTheirWay <= OWN_TEXTS || now - madeAt > SHARED_NANOS) {
            last = metrics.scrape().getBytes(UTF_8);
            madeAt = now;
        }
        return Unpooled.wrappedBuffer(last);
    }

    /** A text has left, or its caller has. */
    void sent() {
        onTheirWay--;
    }

    /** A page that leads to the metrics. */
    static ByteBuf frontPage() {
        return Unpooled.wrappedBuffer(FRONT_PAGE);
    }
}
