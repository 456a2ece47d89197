package io.berth.sandbox.operation;

import java.time.Instant;

/** Until when the caller of this thread waits; bound by the CRI endpoint for each request. */
public final class RequestDeadline {
    /** The instant; unbound when the caller waits for ever. */
    public static final ScopedValue<Instant> UNTIL = ScopedValue.newInstance();

    private RequestDeadline() {}
}
