package io.berth.streaming;

import java.lang.System.Logger;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The connections that are open and the work that is done for them, so that both can be ended. */
final class Sessions {
    private static final Logger LOG = System.getLogger(Sessions.class.getName());

    private final Set<Connection> connections = new HashSet<>();
    private int working;
    private boolean closed;

    /** A client has come; false if there are as many as may be, or all is over. */
    synchronized boolean add(Connection connection, int most) {
        if (closed || connections.size() >= most) {
            return false;
        }
        connections.add(connection);
        return true;
    }

    synchronized void remove(Connection connection) {
        connections.remove(connection);
    }

    /** How many clients are connected. */
    synchronized int connected() {
        return connections.size();
    }

    /** How many threads serve them, or still clear up after one that has left. */
    synchronized int working() {
        return working;
    }

    /** Does a part of a session on a virtual thread of its own. */
    void work(String name, Runnable part) {
        synchronized (this) {
            working++;
        }
        Thread.ofVirtual()
                .name(name)
                .start(
                        () -> {
                            try {
                                part.run();
                            } finally {
                                worked();
                            }
                        });
    }

    private synchronized void worked() {
        working--;
        notifyAll();
    }

    /** Ends every session, and waits for what is cleared up after it; not for ever. */
    void close(Duration patience) {
        List<Connection> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(connections);
        }
        open.forEach(connection -> connection.abort("the server ends"));
        int left = awaitWork(patience);
        if (left > 0) {
            LOG.log(
                    Logger.Level.WARNING,
                    "{0} parts of sessions are not over {1} after their clients were sent away;"
                            + " commands that still run are ended by the next daemon",
                    Integer.toString(left),
                    patience);
        }
    }

    private synchronized int awaitWork(Duration patience) {
        long until = System.nanoTime() + patience.toNanos();
        try {
            while (working > 0) {
                long millis = (until - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    break;
                }
                wait(millis);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        return working;
    }
}
