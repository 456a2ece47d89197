package io.berth.linux.foreign;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory that foreign bytes may take, all clients, pods and images together. It counts bytes of
 * the heap, not of the wire: who parses a message takes what the parsed form needs.
 *
 * <p>Each {@link ForeignKind} has a fixed part. Who finds the part of its kind empty waits briefly,
 * in the order of arrival, and is then refused with {@link MemoryExhausted}; other kinds do not
 * notice. Any thread. The budget only counts: it holds no bytes itself.
 */
public final class MemoryBudget {
    /** How long a request waits for others to give back what they hold. */
    public static final Duration PATIENCE = Duration.ofSeconds(3);

    /**
     * Part of the heap's maximum that foreign bytes may take; the rest is for the daemon itself.
     */
    private static final double PART_OF_HEAP = 0.65;

    private static final MemoryBudget OF_THIS_HEAP =
            new MemoryBudget((long) (Runtime.getRuntime().maxMemory() * PART_OF_HEAP));

    private final long total;
    private final Duration patience;
    private final Map<ForeignKind, Part> parts = new EnumMap<>(ForeignKind.class);

    /**
     * @param total in bytes
     */
    public MemoryBudget(long total) {
        this(total, PATIENCE);
    }

    /**
     * @param total in bytes
     * @param patience how long a request waits for room
     */
    public MemoryBudget(long total, Duration patience) {
        this.total = total;
        this.patience = patience;
        for (var kind : ForeignKind.values()) {
            parts.put(kind, new Part(kind, kind.of(total)));
        }
    }

    /** The budget that fits the maximum of this JVM's heap: always the same, as the heap is one. */
    public static MemoryBudget ofThisHeap() {
        return OF_THIS_HEAP;
    }

    /** Bytes taken from the budget, until they are given back. Safe from any thread. */
    public final class Share implements AutoCloseable {
        private final Part part;
        private long bytes;
        private boolean closed;

        private Share(Part part, long bytes) {
            this.part = part;
            this.bytes = bytes;
        }

        /** Takes more, waiting for it if need be. On a refusal this share stays as it was. */
        public void grow(long more) {
            part.take(more, patience);
            grown(more);
        }

        /** Takes more if there is room for it now. */
        public boolean tryGrow(long more) {
            boolean taken = part.tryTake(more);
            if (taken) {
                grown(more);
            }
            return taken;
        }

        private void grown(long more) {
            boolean late;
            synchronized (this) {
                late = closed;
                if (!late) {
                    bytes += more;
                }
            }
            if (late) {
                part.giveBack(more);
            }
        }

        /** Gives back all but so many bytes; a smaller share stays as it is. */
        public void shrinkTo(long rest) {
            long over;
            synchronized (this) {
                over = Math.max(0, bytes - rest);
                bytes -= over;
            }
            part.giveBack(over);
        }

        /** Gives back so many bytes, or all if it holds fewer. */
        public void giveBack(long less) {
            long given;
            synchronized (this) {
                given = Math.min(bytes, less);
                bytes -= given;
            }
            part.giveBack(given);
        }

        /** Makes it hold so many bytes, whether there is room for more or not. */
        public void resize(long wanted) {
            long more;
            synchronized (this) {
                more = closed ? 0 : wanted - bytes;
                bytes += more;
            }
            if (more > 0) {
                part.force(more);
            } else {
                part.giveBack(-more);
            }
        }

        /** How many bytes it holds. */
        public synchronized long bytes() {
            return bytes;
        }

        /** Gives everything back. Closing twice is harmless. */
        @Override
        public void close() {
            synchronized (this) {
                closed = true;
            }
            shrinkTo(0);
        }
    }

    /**
     * Takes bytes of a kind, waiting briefly for others to give some back.
     *
     * @throws MemoryExhausted when there is no room; nothing is taken then
     */
    public Share take(ForeignKind kind, long bytes) {
        return take(kind, bytes, patience);
    }

    /** As the other, with a patience of the caller's own. */
    public Share take(ForeignKind kind, long bytes, Duration patience) {
        var part = part(kind);
        part.take(bytes, patience);
        return new Share(part, bytes);
    }

    /** Takes bytes of a kind if there is room now and nobody waits for it; never waits. */
    public Optional<Share> tryTake(ForeignKind kind, long bytes) {
        var part = part(kind);
        return part.tryTake(bytes) ? Optional.of(new Share(part, bytes)) : Optional.empty();
    }

    /**
     * Takes bytes that are in memory already, whether there is room or not: what an earlier daemon
     * has accepted is not refused at start.
     */
    public Share force(ForeignKind kind, long bytes) {
        var part = part(kind);
        part.force(bytes);
        return new Share(part, bytes);
    }

    /** How many bytes of a kind are taken. */
    public long held(ForeignKind kind) {
        return part(kind).held();
    }

    /** How many bytes of a kind there may be at once. */
    public long limit(ForeignKind kind) {
        return part(kind).limit;
    }

    /** How many bytes there may be at once, of all kinds. */
    public long total() {
        return total;
    }

    /** How many requests for a kind were refused since the start. */
    public long refusals(ForeignKind kind) {
        return part(kind).refusals();
    }

    private Part part(ForeignKind kind) {
        var part = parts.get(kind);
        if (part == null) {
            throw new AssertionError("every kind has a part: " + kind);
        }
        return part;
    }

    /** The part of one kind. */
    private static final class Part {
        private final ForeignKind kind;
        private final long limit;
        private final ReentrantLock lock = new ReentrantLock();
        private final Deque<Waiter> waiting = new ArrayDeque<>();
        private long held;
        private long refusals;

        Part(ForeignKind kind, long limit) {
            this.kind = kind;
            this.limit = limit;
        }

        /** A request that waits for its turn. */
        private static final class Waiter {
            private final long bytes;
            private final Condition granted;
            private boolean done;

            Waiter(long bytes, Condition granted) {
                this.bytes = bytes;
                this.granted = granted;
            }
        }

        void take(long bytes, Duration patience) {
            lock.lock();
            try {
                if (takenNow(bytes)) {
                    return;
                }
                if (bytes > limit || !granted(bytes, patience)) {
                    refusals++;
                    throw new MemoryExhausted(kind, bytes, held, limit);
                }
            } finally {
                lock.unlock();
            }
        }

        boolean tryTake(long bytes) {
            lock.lock();
            try {
                boolean taken = takenNow(bytes);
                if (!taken) {
                    refusals++;
                }
                return taken;
            } finally {
                lock.unlock();
            }
        }

        void force(long bytes) {
            lock.lock();
            try {
                held += bytes;
            } finally {
                lock.unlock();
            }
        }

        private boolean takenNow(long bytes) {
            if (waiting.isEmpty() && held + bytes <= limit) {
                held += bytes;
                return true;
            }
            return false;
        }

        private boolean granted(long bytes, Duration patience) {
            var mine = new Waiter(bytes, lock.newCondition());
            waiting.add(mine);
            long left = patience.toNanos();
            boolean interrupted = false;
            while (!mine.done && left > 0 && !interrupted) {
                try {
                    left = mine.granted.awaitNanos(left);
                } catch (InterruptedException stop) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (!mine.done) {
                waiting.remove(mine);
                admit();
            }
            return mine.done;
        }

        void giveBack(long bytes) {
            if (bytes == 0) {
                return;
            }
            lock.lock();
            try {
                held -= bytes;
                admit();
            } finally {
                lock.unlock();
            }
        }

        private void admit() {
            for (var next = waiting.peek();
                    next != null && held + next.bytes <= limit;
                    next = waiting.peek()) {
                waiting.remove();
                held += next.bytes;
                next.done = true;
                next.granted.signal();
            }
        }

        long held() {
            lock.lock();
            try {
                return held;
            } finally {
                lock.unlock();
            }
        }

        long refusals() {
            lock.lock();
            try {
                return refusals;
            } finally {
                lock.unlock();
            }
        }
    }
}
