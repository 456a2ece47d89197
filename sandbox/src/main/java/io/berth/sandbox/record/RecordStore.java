package io.berth.sandbox.record;

import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import io.berth.storage.metadata.Table;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All records of one kind. A change is on disk before it is in memory, and in memory before the
 * call that made it returns; readers take an immutable view without a lock. Changes of one record
 * are in order, those of different records run in parallel and share the store's syncs.
 *
 * @param <K> what names a record; its {@code toString} is the key on disk
 * @param <V> the value as the node uses it
 * @param <S> the value as it is stored
 */
public final class RecordStore<K, V, S> {
    /** What records that are found may fill of their part; the rest is for those to come. */
    private static final double FOUND_PART = 0.75;

    private final Metadata metadata;
    private final Table<S> table;
    private final RecordForm<K, V, S> form;
    private final MemoryBudget budget;
    private final ConcurrentHashMap<K, MemoryBudget.Share> shares;
    private final ConcurrentHashMap<K, ReentrantLock> updating = new ConcurrentHashMap<>();
    private final ReentrantLock publishing = new ReentrantLock();
    private volatile Map<K, V> view;
    private volatile Listener<V> listener = (_, _) -> {};

    /**
     * Is told of every change after it is durable and in the view, in the order of the commits of
     * all kinds of records. Runs on the store's thread: it must neither block nor throw.
     *
     * @param <V> the value as the node uses it
     */
    @FunctionalInterface
    public interface Listener<V> {
        /** One record was added (nothing before), replaced, or removed (nothing after). */
        void changed(Optional<V> before, Optional<V> after);
    }

    private RecordStore(
            Metadata metadata,
            Table<S> table,
            RecordForm<K, V, S> form,
            MemoryBudget budget,
            Map<K, V> view,
            ConcurrentHashMap<K, MemoryBudget.Share> shares) {
        this.metadata = metadata;
        this.table = table;
        this.form = form;
        this.budget = budget;
        this.view = view;
        this.shares = shares;
    }

    /**
     * Reads every record, one at a time. Throws when one does not parse, naming it.
     *
     * @param budget has room for each record that is added. Records that are there are taken
     *     whether there is room or not: those that find none leave in the store whatever memory
     *     need not hold
     */
    public static <K, V, S> RecordStore<K, V, S> open(
            Metadata metadata, Family<S> family, RecordForm<K, V, S> form, MemoryBudget budget) {
        var table = metadata.table(family);
        var found = new HashMap<K, V>();
        var shares = new ConcurrentHashMap<K, MemoryBudget.Share>();
        long most = (long) (FOUND_PART * budget.limit(ForeignKind.RECORDS));
        table.forEach(
                (_, stored) -> {
                    var value = form.of(stored);
                    boolean fits = budget.held(ForeignKind.RECORDS) + form.weight(value) <= most;
                    var held = fits ? value : form.slim(value);
                    shares.put(
                            form.key(value), budget.force(ForeignKind.RECORDS, form.weight(held)));
                    found.put(form.key(value), held);
                });
        return new RecordStore<>(metadata, table, form, budget, Map.copyOf(found), shares);
    }

    /** Sets the one listener; what changed before is not told. */
    public void onChange(Listener<V> told) {
        listener = told;
    }

    /** Every record as of now. */
    public Map<K, V> view() {
        return view;
    }

    public Optional<V> find(K key) {
        return Optional.ofNullable(view.get(key));
    }

    /**
     * Adds a record, with whatever else must become durable in the same moment.
     *
     * @throws io.berth.linux.foreign.MemoryExhausted if memory has no room for another such record
     */
    public void add(V value, Consumer<Batch> also) {
        var key = form.key(value);
        var share = budget.take(ForeignKind.RECORDS, form.weight(value));
        var before = shares.put(key, share);
        if (before != null) {
            before.close();
        }
        try {
            write(value, also);
        } catch (RuntimeException | Error notThere) {
            shares.remove(key, share);
            share.close();
            throw notThere;
        }
    }

    /**
     * Replaces a record by a function of what it is now, with whatever else must become durable in
     * the same moment. A record that stays as it is is not written again; if there is nothing else
     * either, nobody waits for the disk. Returns what the record has become, or nothing if it is
     * gone.
     */
    public Optional<V> update(K key, UnaryOperator<V> change, Consumer<Batch> also) {
        var lock = updating.computeIfAbsent(key, _ -> new ReentrantLock());
        lock.lock();
        try {
            var before = view.get(key);
            if (before == null) {
                return Optional.empty();
            }
            var after = change.apply(before);
            if (after.equals(before)) {
                writeBesides(also);
            } else {
                write(after, also);
                var share = shares.get(key);
                if (share != null) {
                    share.resize(form.weight(after));
                }
            }
            return Optional.of(after);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a record, with whatever else must go in the same moment. Absent is fine. */
    public void remove(K key, Consumer<Batch> also) {
        var lock = updating.computeIfAbsent(key, _ -> new ReentrantLock());
        lock.lock();
        try {
            var batch = new Batch().delete(table, key.toString());
            form.forget(key, batch);
            also.accept(batch);
            // After what else is in the batch: nobody sees a ledger entry whose owner is gone.
            batch.published(() -> publish(key, Optional.empty()));
            metadata.commit(batch);
            var share = shares.remove(key);
            if (share != null) {
                share.close();
            }
        } finally {
            lock.unlock();
            updating.remove(key, lock);
        }
    }

    private void write(V value, Consumer<Batch> also) {
        var key = form.key(value);
        var batch = new Batch();
        var kept = form.keep(value, batch);
        batch.put(table, key.toString(), form.stored(kept));
        // Before what else is in the batch: nobody sees a ledger entry whose owner is not there.
        batch.published(() -> publish(key, Optional.of(kept)));
        also.accept(batch);
        metadata.commit(batch);
    }

    private void writeBesides(Consumer<Batch> also) {
        var batch = new Batch();
        also.accept(batch);
        if (!batch.isEmpty()) {
            metadata.commit(batch);
        }
    }

    private void publish(K key, Optional<V> after) {
        @Nullable V before;
        publishing.lock();
        try {
            var next = new HashMap<>(view);
            before = after.isPresent() ? next.put(key, after.get()) : next.remove(key);
            view = Map.copyOf(next);
        } finally {
            publishing.unlock();
        }
        if (!after.equals(Optional.ofNullable(before))) {
            listener.changed(Optional.ofNullable(before), after);
        }
    }
}
