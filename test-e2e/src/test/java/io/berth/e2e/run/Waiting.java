package io.berth.e2e.run;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what another process does, by looking again until a deadline. */
public final class Waiting {
    private static final long PAUSE_NANOS = 20_000_000;

    private Waiting() {}

    /** Something to look at. */
    @FunctionalInterface
    public interface Check {
        boolean holds() throws IOException;
    }

    /** Returns once the check holds, and says what was waited for if it never does. */
    public static void until(String what, Duration limit, Check check) throws IOException {
        until(what, limit, check, () -> "");
    }

    /** The same; {@code found} tells what was seen last. */
    public static void until(String what, Duration limit, Check check, Supplier<String> found)
            throws IOException {
        var deadline = Instant.now().plus(limit);
        while (!check.holds()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError(
                        "waited %s and found no: %s %s".formatted(limit, what, found.get()));
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
