package io.berth.sandbox.operation;

import io.berth.sandbox.SandboxException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work of one object, running on its own thread. Whoever waits for it may give up; the
 * work goes on.
 *
 * @param <T> what it yields
 */
final class Operation<T extends @Nullable Object> {
    /** A stage of the work and since when it lasts. */
    private record Stage(String name, Instant since) {}

    private final OperationKey key;
    private final String requestHash;
    private final Clock clock;
    private final Instant startedAt;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private volatile Stage stage;

    Operation(OperationKey key, String requestHash, Clock clock) {
        this.key = key;
        this.requestHash = requestHash;
        this.clock = clock;
        this.startedAt = clock.instant();
        this.stage = new Stage("queued", startedAt);
    }

    OperationKey key() {
        return key;
    }

    String requestHash() {
        return requestHash;
    }

    CompletableFuture<T> result() {
        return result;
    }

    void enter(String name) {
        stage = new Stage(name, clock.instant());
    }

    /** Where it stands, for people: its stage, how long that lasts, and how long it runs in all. */
    String progress() {
        var now = clock.instant();
        var at = stage;
        return "at stage '%s' for %s, running for %s"
                .formatted(at.name(), seconds(at.since(), now), seconds(startedAt, now));
    }

    /** Waits until the work is done or the caller's deadline has passed. */
    T await() {
        try {
            if (RequestDeadline.UNTIL.isBound()) {
                var left = Duration.between(clock.instant(), RequestDeadline.UNTIL.get());
                return result.get(Math.max(1, left.toMillis()), TimeUnit.MILLISECONDS);
            }
            return result.get();
        } catch (TimeoutException e) {
            throw new SandboxException.StillRunning(
                    "%s: %s; it goes on, and a retry joins it".formatted(key, progress()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SandboxException.StillRunning(
                    "%s: the caller left, %s; it goes on, and a retry joins it"
                            .formatted(key, progress()));
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        }
    }

    private RuntimeException rethrown(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException failure) {
            return failure;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new SandboxException.Failed(
                "%s: %s".formatted(key, cause == null ? "failed" : cause.getMessage()),
                cause == null ? new IllegalStateException("no cause") : cause);
    }

    private static String seconds(Instant from, Instant to) {
        return "%.1f s".formatted(Duration.between(from, to).toMillis() / 1000.0);
    }
}
