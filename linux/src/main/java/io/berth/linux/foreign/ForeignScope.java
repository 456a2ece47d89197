package io.berth.linux.foreign;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One request's share of the {@link MemoryBudget}, from its first byte until its work has ended.
 * Code that reads foreign bytes for the request charges the scope of its thread; nobody has to hand
 * the share down.
 *
 * <p>A scope has one or more users, for example a call and the operation that outlives it; the last
 * one to leave gives everything back. Any thread. Work that serves no request has no scope and is
 * not charged.
 */
public final class ForeignScope {
    /** The scope of the request for which this thread works. */
    public static final ScopedValue<ForeignScope> CURRENT = ScopedValue.newInstance();

    private final MemoryBudget.Share share;
    private final IdentityHashMap<Object, Object> read = new IdentityHashMap<>();
    private final List<MemoryBudget.Share> shares = new ArrayList<>();
    private int users = 1;

    /** A scope whose share is given back when its last user leaves. */
    public ForeignScope(MemoryBudget.Share share) {
        this.share = share;
    }

    /** The scope of this thread, if it works for a request. */
    public static Optional<ForeignScope> current() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
    }

    /**
     * Charges this thread's request, if it works for one.
     *
     * @throws MemoryExhausted if there is no room for so much
     */
    public static void charge(long bytes) {
        current().ifPresent(scope -> scope.share.grow(bytes));
    }

    /**
     * Reads a value for this thread's request once; later calls for the same source return the same
     * value. Without a request, it is read each time.
     *
     * @param source compared by identity
     * @param cost what the reading takes, charged before it begins
     */
    public static <T> T once(Object source, LongSupplier cost, Supplier<T> reading) {
        return CURRENT.isBound() ? CURRENT.get().memo(source, cost, reading) : reading.get();
    }

    @SuppressWarnings("unchecked") // one source always yields values of one type
    private <T> T memo(Object source, LongSupplier cost, Supplier<T> reading) {
        synchronized (read) {
            var before = read.get(source);
            if (before != null) {
                return (T) before;
            }
        }
        share.grow(cost.getAsLong());
        T value = reading.get();
        synchronized (read) {
            read.put(source, value);
        }
        return value;
    }

    /**
     * Keeps a share until this thread's request ends, for bytes that its work goes on with. Without
     * a request the share is given back now.
     */
    public static void keep(MemoryBudget.Share kept) {
        if (CURRENT.isBound()) {
            CURRENT.get().keepUntilTheEnd(kept);
        } else {
            kept.close();
        }
    }

    private void keepUntilTheEnd(MemoryBudget.Share kept) {
        synchronized (read) {
            if (users > 0) {
                shares.add(kept);
                return;
            }
        }
        kept.close();
    }

    /** This scope, with one more user. */
    public ForeignScope shared() {
        synchronized (read) {
            users++;
        }
        return this;
    }

    /** Ends one use; the last one gives everything back. */
    public void leave() {
        List<MemoryBudget.Share> kept;
        synchronized (read) {
            if (--users > 0) {
                return;
            }
            read.clear();
            kept = List.copyOf(shares);
            shares.clear();
        }
        kept.forEach(MemoryBudget.Share::close);
        share.close();
    }

    /** The share that it charges. */
    public MemoryBudget.Share share() {
        return share;
    }
}
