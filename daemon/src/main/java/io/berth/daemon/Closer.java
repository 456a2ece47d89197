package io.berth.daemon;

import io.berth.daemon.home.NodeHome;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Closes what was registered, the last first. The first failure is thrown when all have been tried,
 * with the later ones suppressed in it.
 */
@SuppressWarnings("try") // what is closed decides what is thrown
public final class Closer implements AutoCloseable, NodeHome.Registry {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** Registers something to be closed and returns it. */
    @Override
    public synchronized <T extends AutoCloseable> T add(T closeable) {
        open.push(closeable);
        return closeable;
    }

    @Override
    public synchronized void close() throws Exception {
        Exception first = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
