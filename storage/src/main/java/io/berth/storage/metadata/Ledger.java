package io.berth.storage.metadata;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * What exists outside the store: each thing is written here before it is made, and struck out after
 * it is gone. Reads come from memory and never wait. Parallel writes share syncs; use the forms for
 * many where one operation has many.
 *
 * <p>Any thread. Changes of one entry are ordered among {@code intend}, {@code note} and {@code
 * strike}; whoever puts an entry's change into a batch of its own orders it against those.
 */
public final class Ledger {
    private static final Family<Entry> FAMILY = new Family<>("ledger", 1, Entry.class);
    private static final Pattern KIND = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final int STRIPES = 64;

    private final Metadata metadata;
    private final Table<Entry> table;
    private final Map<Id, Entry> entries = new ConcurrentHashMap<>();
    private final ReentrantLock[] stripes = new ReentrantLock[STRIPES];

    private record Id(String kind, String key) {
        @Override
        public String toString() {
            return kind + "/" + key;
        }
    }

    /**
     * One thing outside the store.
     *
     * @param kind lower-case word such as {@code netns}; it names the remover
     * @param key how the thing is found in the kernel, chosen before it is made: a path, an id
     * @param owner the id of the object it belongs to; removed with it
     * @param since when it was intended
     * @param details what was learnt later: pid, start time
     */
    public record Entry(
            String kind, String key, String owner, Instant since, Map<String, String> details) {
        /** Checks kind and key. */
        public Entry {
            details = Map.copyOf(details);
            if (!KIND.matcher(kind).matches()) {
                throw new IllegalArgumentException(
                        "ledger kind: found \"%s\", wanted lower case".formatted(kind));
            }
            if (key.isEmpty() || owner.isEmpty()) {
                throw new IllegalArgumentException(
                        "ledger %s: found key \"%s\" and owner \"%s\", wanted neither empty"
                                .formatted(kind, key, owner));
            }
        }

        /** An entry without details. */
        public Entry(String kind, String key, String owner, Instant since) {
            this(kind, key, owner, since, Map.of());
        }
    }

    private Ledger(Metadata metadata) {
        this.metadata = metadata;
        this.table = metadata.table(FAMILY);
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new ReentrantLock();
        }
    }

    /** The ledger in {@code metadata}; one a store. */
    public static Ledger open(Metadata metadata) {
        var ledger = new Ledger(metadata);
        ledger.table
                .all()
                .values()
                .forEach(entry -> ledger.entries.put(new Id(entry.kind, entry.key), entry));
        return ledger;
    }

    /**
     * Records what is about to be made; durable when it returns. The same owner may repeat it.
     *
     * @throws IllegalStateException when another owner has it
     * @throws MetadataException.NoSpace when the disk is full
     */
    public void intend(Entry entry) {
        inOrder(
                new Id(entry.kind, entry.key),
                () -> metadata.commit(intend(new Batch().grows(), entry)));
    }

    /** Records several at once, at the cost of one; all or none. */
    public void intend(Collection<Entry> all) {
        var batch = new Batch().grows();
        all.forEach(entry -> intend(batch, entry));
        metadata.commit(batch);
    }

    /** Adds an intent to a batch, which should be flagged as {@linkplain Batch#grows growing}. */
    public Batch intend(Batch batch, Entry entry) {
        var id = new Id(entry.kind, entry.key);
        var holder = entries.get(id);
        if (holder != null && !holder.owner.equals(entry.owner)) {
            throw new IllegalStateException(
                    "ledger %s: owned by %s, wanted by %s"
                            .formatted(id, holder.owner, entry.owner));
        }
        return batch.put(table, id.toString(), entry).published(() -> entries.put(id, entry));
    }

    /** Strikes out what is gone; absent is fine. */
    public void strike(String kind, String key) {
        var id = new Id(kind, key);
        inOrder(
                id,
                () -> {
                    if (entries.containsKey(id)) {
                        metadata.commit(strike(new Batch(), kind, key));
                    }
                });
    }

    /** Strikes out several at once, at the cost of one; absent ones are fine. */
    public void strike(Collection<Entry> gone) {
        var batch = new Batch();
        gone.forEach(entry -> strike(batch, entry.kind, entry.key));
        metadata.commit(batch);
    }

    /** Adds the striking out to a batch. */
    public Batch strike(Batch batch, String kind, String key) {
        var id = new Id(kind, key);
        return batch.delete(table, id.toString()).published(() -> entries.remove(id));
    }

    /**
     * Adds details to an entry, replacing those of the same name.
     *
     * @throws IllegalStateException when there is no such entry
     */
    public void note(String kind, String key, Map<String, String> details) {
        var id = new Id(kind, key);
        inOrder(
                id,
                () -> {
                    var entry = entries.get(id);
                    if (entry == null) {
                        throw new IllegalStateException(
                                "ledger %s: not intended, details %s".formatted(id, details));
                    }
                    var merged = new HashMap<>(entry.details);
                    merged.putAll(details);
                    var noted = new Entry(kind, key, entry.owner, entry.since, merged);
                    metadata.commit(
                            new Batch()
                                    .put(table, id.toString(), noted)
                                    .published(() -> entries.put(id, noted)));
                });
    }

    /** The entry, if it is not struck out. */
    public Optional<Entry> find(String kind, String key) {
        return Optional.ofNullable(entries.get(new Id(kind, key)));
    }

    /** All entries, oldest first. */
    public List<Entry> entries() {
        return entries.values().stream().sorted(AGE).toList();
    }

    /** The entries of one owner, oldest first. */
    public List<Entry> of(String owner) {
        return entries.values().stream()
                .filter(entry -> entry.owner.equals(owner))
                .sorted(AGE)
                .toList();
    }

    private static final Comparator<Entry> AGE =
            Comparator.comparing(Entry::since).thenComparing(Entry::kind).thenComparing(Entry::key);

    private void inOrder(Id id, Runnable change) {
        var stripe = stripes[Math.floorMod(id.hashCode(), STRIPES)];
        stripe.lock();
        try {
            change.run();
        } finally {
            stripe.unlock();
        }
    }
}
