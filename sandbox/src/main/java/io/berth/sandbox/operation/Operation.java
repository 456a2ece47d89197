package io.berth.sandbox.operation;

import io.berth.linux.step.Stages;
import io.berth.sandbox.SandboxException;
import java.time.Clock;
import java.time.Duration;
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
    private final OperationKey key;
    private final String requestHash;
    private final Clock clock;
    private final long startedNanos = System.nanoTime();
    private final Stages stages = new Stages("queued");
    private final CompletableFuture<T> result = new CompletableFuture<>();

    Operation(OperationKey key, String requestHash, Clock clock) {
        this.key = key;
        this.requestHash = requestHash;
        this.clock = clock;
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

    /** The branches of the work, and the stage of each. */
    Stages stages() {
        return stages;
    }

    /**
     * Where it stands, for people: the stages of all that goes on side by side, the one that lasts
     * longest first, and how long it runs in all.
     */
    String progress() {
        var open =
                stages.open().stream()
                        .map(it -> "'%s' for %s".formatted(it.name(), seconds(it.lasted())))
                        .toList();
        return "at %s %s, running for %s"
                .formatted(
                        open.size() == 1 ? "stage" : "stages",
                        String.join(" and ", open),
                        seconds(Duration.ofNanos(System.nanoTime() - startedNanos)));
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

    private static String seconds(Duration lasted) {
        return "%.1f s".formatted(lasted.toMillis() / 1000.0);
    }
}
