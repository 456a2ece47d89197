package io.berth.sandbox.event;

import io.berth.sandbox.SandboxException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The events that wait for one reader. One that lets more than {@link #LIMIT} pile up loses them
 * all and is told so: it has to look at the state anew in any case.
 */
public final class EventReader implements AutoCloseable {
    /** How many events wait at most. */
    static final int LIMIT = 4096;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final ArrayDeque<PodEvent> waiting = new ArrayDeque<>();
    private final Consumer<EventReader> onClose;
    private boolean closed;
    private boolean overrun;

    EventReader(Consumer<EventReader> onClose) {
        this.onClose = onClose;
    }

    /** Hands over an event; returns how many are lost by it. */
    int offer(PodEvent event) {
        lock.lock();
        try {
            if (closed || overrun) {
                return 0;
            }
            if (waiting.size() < LIMIT) {
                waiting.add(event);
                news.signalAll();
                return 0;
            }
            int lost = waiting.size() + 1;
            waiting.clear();
            overrun = true;
            news.signalAll();
            return lost;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it takes no more events. */
    boolean ended() {
        lock.lock();
        try {
            return closed || overrun;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next event; waits for it. Nothing once the reader is closed.
     *
     * @throws SandboxException.TooSlow if events were lost
     */
    public Optional<PodEvent> next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed && !overrun) {
                news.await();
            }
            if (overrun) {
                throw new SandboxException.TooSlow(
                        "events: more than %d were not read, and are lost; list the pods and read again"
                                .formatted(LIMIT));
            }
            return closed ? Optional.empty() : Optional.of(waiting.remove());
        } finally {
            lock.unlock();
        }
    }

    /** Ends it, and whoever waits in {@link #next}. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            waiting.clear();
            news.signalAll();
        } finally {
            lock.unlock();
        }
        onClose.accept(this);
    }
}
