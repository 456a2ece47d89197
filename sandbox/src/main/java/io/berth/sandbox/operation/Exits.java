package io.berth.sandbox.operation;

import io.berth.sandbox.container.ContainerId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The ends of running containers, to be waited for. */
public final class Exits {
    private final Map<ContainerId, CompletableFuture<Void>> running = new ConcurrentHashMap<>();

    /** A container's process is about to run. */
    void expect(ContainerId id) {
        running.computeIfAbsent(id, _ -> new CompletableFuture<>());
    }

    /** Whether somebody watches for a container's end. */
    public boolean expected(ContainerId id) {
        return running.containsKey(id);
    }

    /** A container's end stands in its record. */
    void happened(ContainerId id) {
        var waiting = running.remove(id);
        if (waiting != null) {
            waiting.complete(null);
        }
    }

    /** Runs something at a container's end; now if none is expected. */
    void onEnd(ContainerId id, Runnable then) {
        var waiting = running.get(id);
        if (waiting == null) {
            then.run();
        } else {
            var _ = waiting.thenRun(then);
        }
    }

    /** Waits for a container's end; false if the time runs out first. True if none is expected. */
    boolean await(ContainerId id, Duration limit) throws InterruptedException {
        var waiting = running.get(id);
        if (waiting == null) {
            return true;
        }
        try {
            waiting.get(Math.max(0, limit.toMillis()), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError("an exit never fails", e);
        }
    }
}
