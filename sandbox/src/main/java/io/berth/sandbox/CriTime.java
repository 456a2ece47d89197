package io.berth.sandbox;

import java.time.Instant;

/** Time as the CRI and the plugins of a node count it. */
public final class CriTime {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private CriTime() {}

    /** Nanoseconds since 1970. */
    public static long nanos(Instant at) {
        return Math.addExact(
                Math.multiplyExact(at.getEpochSecond(), NANOS_PER_SECOND), at.getNano());
    }
}
