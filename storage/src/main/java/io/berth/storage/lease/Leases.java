package io.berth.storage.lease;

import io.berth.storage.content.Digest;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import io.berth.storage.metadata.Table;
import io.berth.storage.snapshot.SnapshotName;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * All leases, on disk and in memory. Any thread.
 *
 * <p>After {@link #hold} returns, what it names is either gone or stays: whether it is there can be
 * asked then, and the answer holds as long as the lease.
 */
public final class Leases {
    private static final Family<Lease> FAMILY = new Family<>("leases", 1, Lease.class);
    private static final int STRIPES = 16;

    /** The kernel stamps files with a clock that lags a few milliseconds behind ours. */
    private static final Duration SLACK = Duration.ofMillis(100);

    private final Metadata metadata;
    private final Table<Lease> table;
    private final Clock clock;
    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

    /** Guards all below; never held across I/O. */
    private final ReentrantLock gate = new ReentrantLock();

    private final Map<String, Lease> open = new HashMap<>();
    private final List<Lease> releasedMeanwhile = new ArrayList<>();
    private final Map<Object, CompletableFuture<Boolean>> condemned = new HashMap<>();
    private int collections;

    private Leases(Metadata metadata, Clock clock) {
        this.metadata = metadata;
        this.table = metadata.table(FAMILY);
        this.clock = clock;
        Arrays.setAll(stripes, _ -> new ReentrantLock());
    }

    /** The leases in {@code metadata}, those of before a restart included; one a store. */
    public static Leases open(Metadata metadata, Clock clock) {
        var leases = new Leases(metadata, clock);
        leases.open.putAll(leases.table.all());
        return leases;
    }

    /**
     * Opens a lease, durable when this returns. One of that id that is open is returned as it is: a
     * resumed operation goes on with it.
     *
     * @throws IllegalStateException when another owner has that id
     */
    public Lease acquire(String id, String owner) {
        return inOrder(
                id,
                () -> {
                    var found = find(id);
                    if (found.isPresent()) {
                        if (!found.get().owner().equals(owner)) {
                            throw new IllegalStateException(
                                    "%s: wanted by %s".formatted(found.get(), owner));
                        }
                        return found.get();
                    }
                    var lease = new Lease(id, owner, clock.instant(), Set.of(), Set.of());
                    metadata.commit(new Batch().grows().put(table, id, lease));
                    guarded(() -> open.put(id, lease));
                    return lease;
                });
    }

    /**
     * Adds blobs and snapshots to an open lease, durable when this returns; they need not exist
     * yet. Waits for a deletion of any of them that has begun.
     *
     * @throws IllegalStateException when the lease is not open
     */
    public Lease hold(String id, Collection<Digest> blobs, Collection<SnapshotName> snapshots) {
        return inOrder(
                id,
                () -> {
                    var before = find(id).orElseThrow(() -> notOpen(id));
                    var lease = before.with(blobs, snapshots);
                    var ending = new ArrayList<CompletableFuture<Boolean>>();
                    guarded(
                            () -> {
                                Stream.concat(blobs.stream(), snapshots.stream())
                                        .map(condemned::get)
                                        .forEach(
                                                deletion -> {
                                                    if (deletion != null) {
                                                        ending.add(deletion);
                                                    }
                                                });
                                return open.put(id, lease);
                            });
                    ending.forEach(CompletableFuture::join);
                    if (!lease.equals(before)) {
                        metadata.commit(new Batch().put(table, id, lease));
                    }
                    return lease;
                });
    }

    /** Adds one blob. */
    public Lease hold(String id, Digest blob) {
        return hold(id, Set.of(blob), Set.of());
    }

    /** Adds one snapshot. */
    public Lease hold(String id, SnapshotName snapshot) {
        return hold(id, Set.of(), Set.of(snapshot));
    }

    /** Ends a lease; absent is fine. */
    public void release(String id) {
        inOrder(
                id,
                () -> {
                    metadata.commit(new Batch().delete(table, id));
                    return guarded(
                            () -> {
                                var released = open.remove(id);
                                if (released != null && collections > 0) {
                                    releasedMeanwhile.add(released);
                                }
                                return true;
                            });
                });
    }

    /** The lease, if it is open. */
    public Optional<Lease> find(String id) {
        return guarded(() -> Optional.ofNullable(open.get(id)));
    }

    /** All open leases. */
    public List<Lease> all() {
        return guarded(() -> List.copyOf(open.values()));
    }

    private static IllegalStateException notOpen(String id) {
        return new IllegalStateException("lease %s: not open".formatted(id));
    }

    private <R> R guarded(Supplier<R> body) {
        gate.lock();
        try {
            return body.get();
        } finally {
            gate.unlock();
        }
    }

    /** Changes of one lease reach the disk in the order in which memory has them. */
    private <R> R inOrder(String id, Supplier<R> change) {
        var stripe = stripes[Math.floorMod(id.hashCode(), STRIPES)];
        stripe.lock();
        try {
            return change.get();
        } finally {
            stripe.unlock();
        }
    }

    /** From now on until the view is closed, leases that are released still count. */
    View view() {
        return guarded(
                () -> {
                    collections++;
                    return new View();
                });
    }

    /** The leases that were open at any time since the view was opened. */
    final class View implements AutoCloseable {
        /** Those that hold the resource, or were open when it was committed. */
        List<Lease> holding(Object resource, Instant committed) {
            return guarded(() -> find(resource, committed).toList());
        }

        /**
         * Runs {@code deletion} unless a lease holds the resource; while it runs, a lease that
         * wants to hold it waits. Says whether it ran.
         */
        boolean deleteUnlessHeld(Object resource, Instant committed, Runnable deletion) {
            var done = new CompletableFuture<Boolean>();
            boolean held =
                    guarded(
                            () -> {
                                if (find(resource, committed).findAny().isPresent()) {
                                    return true;
                                }
                                condemned.put(resource, done);
                                return false;
                            });
            if (held) {
                return false;
            }
            try {
                deletion.run();
            } finally {
                guarded(() -> condemned.remove(resource));
                done.complete(true);
            }
            return true;
        }

        private Stream<Lease> find(Object resource, Instant committed) {
            return Stream.concat(open.values().stream(), releasedMeanwhile.stream())
                    .filter(
                            lease ->
                                    lease.holds(resource)
                                            || !committed.isBefore(lease.since().minus(SLACK)));
        }

        @Override
        public void close() {
            guarded(
                    () -> {
                        if (--collections == 0) {
                            releasedMeanwhile.clear();
                        }
                        return true;
                    });
        }
    }
}
