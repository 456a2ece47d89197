package io.berth.sandbox.nri;

import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Changes of containers, each container's in the order in which they were asked for, different
 * containers' beside each other. A container that hangs holds up its own alone.
 */
final class UpdateQueue {
    private static final Logger LOG = System.getLogger(UpdateQueue.class.getName());

    /** How many changes of one container may wait; more fail. */
    private static final int MAX_WAITING = 16;

    /** A change. */
    @FunctionalInterface
    interface Change {
        void make() throws IOException;
    }

    private record Waiting(Change change, CompletableFuture<Void> done) {}

    private final Map<String, Queue<Waiting>> queues = new HashMap<>();

    /** Takes a change; what is returned completes once it is made, or with why it is not. */
    CompletableFuture<Void> add(String containerId, Change change) {
        var waiting = new Waiting(change, new CompletableFuture<>());
        synchronized (queues) {
            var queue = queues.get(containerId);
            if (queue != null && queue.size() >= MAX_WAITING) {
                waiting.done()
                        .completeExceptionally(
                                new IOException(
                                        "container %s: %d changes wait already"
                                                .formatted(containerId, MAX_WAITING)));
                return waiting.done();
            }
            if (queue == null) {
                queues.put(containerId, new ArrayDeque<>(List.of(waiting)));
                Thread.ofVirtual().name("nri-update-" + containerId).start(() -> work(containerId));
            } else {
                queue.add(waiting);
            }
        }
        return waiting.done();
    }

    private void work(String containerId) {
        while (true) {
            Waiting next;
            synchronized (queues) {
                var queue = queues.get(containerId);
                if (queue == null || queue.isEmpty()) {
                    queues.remove(containerId);
                    return;
                }
                next = queue.remove();
            }
            try {
                next.change().make();
                next.done().complete(null);
            } catch (IOException | RuntimeException failure) {
                next.done().completeExceptionally(failure);
            }
        }
    }

    /** Whether a change was made in time; if not, the log says why, and it may still be made. */
    static boolean await(CompletableFuture<Void> change, String what, Duration limit) {
        try {
            change.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException e) {
            var cause = e.getCause() == null ? e : e.getCause();
            LOG.log(Logger.Level.WARNING, "nri {0}: {1}", what, cause.getMessage());
        } catch (TimeoutException e) {
            LOG.log(Logger.Level.WARNING, "nri {0}: not done within {1}", what, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
