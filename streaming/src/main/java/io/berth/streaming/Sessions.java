package io.berth.streaming;

import java.lang.System.Logger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The connections that are open and the work that is done for them, so that both can be ended. */
final class Sessions {
    private static final Logger LOG = System.getLogger(Sessions.class.getName());

    private static final int LEAST_BYTES = 16 << 10;
    private static final int MOST_BYTES = 256 << 10;

    private final int allBytes;
    private final Set<Connection> connections = new HashSet<>();
    private final Strangers<Connection> strangers = new Strangers<>(StreamSettings.STRANGERS);
    private int working;
    private boolean closed;

    /**
     * @param allBytes how many bytes may wait from all clients together
     */
    Sessions(int allBytes) {
        this.allBytes = allBytes;
    }

    /**
     * Admits a socket whose client has shown no token yet. Such sockets never take the place of
     * clients with a token, and of each other only that of the oldest.
     *
     * @param peer where the client is
     */
    void admit(Connection connection, String peer) {
        Optional<Connection> dropped;
        synchronized (this) {
            dropped = closed ? Optional.of(connection) : strangers.add(connection, peer);
        }
        dropped.ifPresent(each -> each.abort("it showed no token, and others came"));
    }

    /** Takes a client as known, since it has shown a token; false if as many are served. */
    synchronized boolean acquaint(Connection connection) {
        strangers.remove(connection);
        if (closed || connections.size() >= StreamSettings.CONNECTIONS) {
            return false;
        }
        connections.add(connection);
        return true;
    }

    synchronized void remove(Connection connection) {
        strangers.remove(connection);
        connections.remove(connection);
    }

    /**
     * How many bytes may wait from one client to be read: the more clients, the fewer. So all of
     * them together have a limit that does not grow with their number, save for a small part each.
     */
    synchronized int share() {
        int each = allBytes / Math.max(1, connections.size());
        return Math.clamp(each, LEAST_BYTES, MOST_BYTES);
    }

    /** How many sockets have shown no token yet. */
    synchronized int unknown() {
        return strangers.size();
    }

    /** How many clients are connected that have shown a token. */
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
            open = new ArrayList<>(connections);
            open.addAll(strangers.all());
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
