package io.berth.sandbox.output;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Lets large answers out so that those in memory, from when they are made until their callers have
 * read them, stay within a limit. They go in the order in which they came.
 */
public final class AnswerRoom {
    private final long limit;
    private final Deque<Place> waiting = new ArrayDeque<>();
    private long held;

    /**
     * @param limit in bytes; an answer longer than that goes alone
     */
    public AnswerRoom(long limit) {
        this.limit = limit;
    }

    /** The room of one answer, until it is closed. */
    public final class Place implements AutoCloseable {
        private final long bytes;
        private final CompletableFuture<@Nullable Void> granted = new CompletableFuture<>();
        private boolean closed;

        private Place(long bytes) {
            this.bytes = bytes;
        }

        /** Gives the room to those who wait. Closing twice is harmless. */
        @Override
        public void close() {
            leave(this);
        }
    }

    /**
     * Waits until there is room.
     *
     * @param over completes when nobody wants the answer any more
     * @throws IOException if that comes first, or if there is no room within {@code patience}
     */
    public Place take(long bytes, CompletableFuture<?> over, Duration patience) throws IOException {
        var place = enter(Math.min(bytes, limit));
        try {
            var _ =
                    CompletableFuture.anyOf(place.granted, over)
                            .get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException full) {
            place.close();
            throw new IOException(
                    "no room for its output of %d bytes within %s: callers have not read %d bytes of"
                                    .formatted(bytes, patience, held())
                            + " other answers yet");
        } catch (InterruptedException stop) {
            place.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while it waited for room for its output", stop);
        } catch (ExecutionException failed) {
            place.close();
            throw new IOException("its caller left", failed);
        }
        if (!place.granted.isDone()) {
            place.close();
            throw new IOException("its caller left");
        }
        return place;
    }

    private synchronized Place enter(long bytes) {
        var place = new Place(bytes);
        waiting.add(place);
        admit();
        return place;
    }

    private synchronized void leave(Place place) {
        if (place.closed) {
            return;
        }
        place.closed = true;
        if (!waiting.remove(place)) {
            held -= place.bytes;
        }
        admit();
    }

    private void admit() {
        for (var next = waiting.peek();
                next != null && held + next.bytes <= limit;
                next = waiting.peek()) {
            waiting.remove();
            held += next.bytes;
            next.granted.complete(null);
        }
    }

    /** Bytes of answers that are let out and not yet read. */
    public synchronized long held() {
        return held;
    }
}
