package io.berth.storage.snapshot;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshots there are: the records on disk, their view in memory, and who holds which id.
 *
 * <p>An operation holds its id from start to end, files included; others on the same id wait. A
 * parent is pinned while a child is being made, so that it cannot go meanwhile. The monitor of this
 * object is held for look-ups only, never across I/O.
 */
final class SnapshotCatalog {
    private final SnapshotRecords records;
    private final Map<String, SnapshotRecord> view;
    private final Map<String, Waited> held = new HashMap<>();
    private final Map<String, Integer> pinned = new HashMap<>();
    private final Set<String> leaving = new HashSet<>();

    private static final class Waited {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }

    /** Ends a hold or pin. */
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    SnapshotCatalog(SnapshotRecords records) {
        this.records = records;
        this.view = new ConcurrentHashMap<>(records.all());
    }

    Optional<SnapshotRecord> find(String id) {
        return Optional.ofNullable(view.get(id));
    }

    SnapshotRecord get(String id) {
        return find(id).orElseThrow(() -> new SnapshotException.NotFound(id));
    }

    List<SnapshotInfo> list() {
        return view.entrySet().stream().map(e -> e.getValue().info(e.getKey())).toList();
    }

    Map<String, SnapshotRecord> all() {
        return Map.copyOf(view);
    }

    /** Sets a record, on disk and then in memory. */
    void put(String id, SnapshotRecord record) {
        records.change(Optional.of(new SnapshotRecords.Named(id, record)), Optional.empty(), true);
        view.put(id, record);
    }

    /** Sets one record and deletes another, at once. */
    void replace(String id, SnapshotRecord record, String deleted) {
        records.change(
                Optional.of(new SnapshotRecords.Named(id, record)), Optional.of(deleted), false);
        view.put(id, record);
        view.remove(deleted);
    }

    void delete(String id) {
        records.change(Optional.empty(), Optional.of(id), false);
        view.remove(id);
    }

    /** Waits until nobody else holds {@code id}. Who needs two takes the key before the name. */
    Hold hold(String id) {
        Waited waited;
        synchronized (this) {
            waited = held.computeIfAbsent(id, _ -> new Waited());
            waited.users++;
        }
        waited.lock.lock();
        return () -> {
            waited.lock.unlock();
            synchronized (this) {
                if (--waited.users == 0) {
                    held.remove(id);
                }
            }
        };
    }

    void requireFree(String id) {
        SnapshotRecord taken = view.get(id);
        if (taken != null) {
            throw new SnapshotException.AlreadyExists(id, taken.kind());
        }
    }

    /**
     * Keeps {@code parent} from being removed.
     *
     * @throws SnapshotException.ParentMissing when it is not a committed snapshot, or is going
     */
    synchronized Hold pin(String child, Optional<SnapshotName> parent) {
        if (parent.isEmpty()) {
            return () -> {};
        }
        String name = parent.get().value();
        SnapshotRecord record = view.get(name);
        if (record == null || record.kind() != SnapshotKind.COMMITTED || leaving.contains(name)) {
            String found = record == null ? "nothing" : record.kind().toString();
            throw new SnapshotException.ParentMissing(child, parent.get(), found);
        }
        pinned.merge(name, 1, Integer::sum);
        return () -> unpin(name);
    }

    private synchronized void unpin(String name) {
        pinned.computeIfPresent(name, (_, count) -> count == 1 ? null : count - 1);
    }

    /**
     * Keeps {@code id} from becoming a parent while it is removed.
     *
     * @throws SnapshotException.InUse when it is one, or is about to be
     */
    synchronized Hold leave(String id) {
        if (pinned.containsKey(id)) {
            throw new SnapshotException.InUse(id, "one that is being made");
        }
        for (Map.Entry<String, SnapshotRecord> entry : view.entrySet()) {
            if (entry.getValue().parent().equals(Optional.of(id))) {
                throw new SnapshotException.InUse(id, entry.getKey());
            }
        }
        leaving.add(id);
        return () -> {
            synchronized (this) {
                leaving.remove(id);
            }
        };
    }

    /**
     * The directories of {@code parent} and what it builds on, nearest first; a layer whose root is
     * opaque is the last.
     *
     * @throws SnapshotException.ParentMissing when one of them has no record
     */
    List<Long> chain(String child, Optional<String> parent) {
        var chain = new ArrayList<Long>();
        @Nullable String next = parent.orElse(null);
        while (next != null) {
            SnapshotRecord record = view.get(next);
            if (record == null) {
                throw new SnapshotException.ParentMissing(child, new SnapshotName(next), "nothing");
            }
            chain.add(record.number());
            next = record.rootOpaque() ? null : record.parent().orElse(null);
        }
        return chain;
    }
}
