package io.berth.sandbox.rig;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that stands until it is moved, forward or back. */
public final class RigClock extends Clock {
    private Instant now = Instant.parse("2026-11-21T10:00:00Z");

    /** Moves the time; a negative duration moves it back. */
    public synchronized void move(Duration by) {
        now = now.plus(by);
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("the clock of a rig knows no zones");
    }
}
