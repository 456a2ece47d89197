package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageException;
import java.io.Closeable;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Ends the parts of one operation together: once cancelled, every stream that was registered is
 * closed, so that whoever reads it stops. Threads are never interrupted, since that would close
 * files in the middle of a commit.
 */
final class Cancellation implements Closeable {

    private static final System.Logger LOG = System.getLogger(Cancellation.class.getName());

    private final Set<Closeable> streams = new HashSet<>();
    private boolean cancelled;

    /** Closes what is registered, now and from now on. */
    void cancel() {
        Set<Closeable> open;
        synchronized (streams) {
            cancelled = true;
            open = Set.copyOf(streams);
            streams.clear();
        }
        open.forEach(Cancellation::end);
    }

    /** Has {@code stream} closed on cancellation, until {@link #forget}. */
    <T extends Closeable> T register(T stream) {
        synchronized (streams) {
            if (!cancelled) {
                streams.add(stream);
                return stream;
            }
        }
        end(stream);
        return stream;
    }

    void forget(Closeable stream) {
        synchronized (streams) {
            streams.remove(stream);
        }
    }

    /** True once cancelled. */
    boolean cancelled() {
        synchronized (streams) {
            return cancelled;
        }
    }

    /** Throws when cancelled; {@code subject} begins the message. */
    void check(String subject) {
        if (cancelled()) {
            throw new ImageException.Interrupted(
                    subject + ": ended before it was complete; a retry goes on from here", null);
        }
    }

    private static void end(Closeable stream) {
        try {
            stream.close();
        } catch (IOException unclosed) {
            LOG.log(System.Logger.Level.DEBUG, "a cancelled stream did not close", unclosed);
        }
    }

    /** Cancels: one operation may stand among the streams of another. */
    @Override
    public void close() {
        cancel();
    }
}
