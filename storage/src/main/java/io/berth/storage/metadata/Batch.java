package io.berth.storage.metadata;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One atomic change of any number of records, applied in the order given. Not thread-safe; used for
 * one {@link Metadata#commit}.
 */
public final class Batch {
    private static final int MAX_KEY_BYTES = 8192;
    private final List<Change> changes = new ArrayList<>();
    private final List<Runnable> published = new ArrayList<>();
    private boolean grows;

    /** A new value, or null for none. */
    static final class Change {
        private final String family;
        private final byte[] key;
        private final byte @Nullable [] value;

        private Change(String family, byte[] key, byte @Nullable [] value) {
            this.family = family;
            this.key = key;
            this.value = value;
        }

        String family() {
            return family;
        }

        byte[] key() {
            return key;
        }

        byte @Nullable [] value() {
            return value;
        }
    }

    /** Sets a record; the value is encoded now. */
    public <T> Batch put(Table<T> table, String key, T value) {
        changes.add(new Change(table.name(), keyBytes(table.name(), key), table.encode(value)));
        return this;
    }

    /** Sets a document. */
    public Batch put(Documents documents, String key, byte[] document) {
        return putDocument(documents.family(), key, document);
    }

    /**
     * Sets a document of a family that was opened by {@link Metadata#documents}: for migrations,
     * which are made before anything is open.
     */
    public Batch putDocument(String family, String key, byte[] document) {
        return putRaw(family, key, Documents.encode(family, document));
    }

    /** Deletes a document; absent is fine. */
    public Batch delete(Documents documents, String key) {
        changes.add(new Change(documents.family(), keyBytes(documents.family(), key), null));
        return this;
    }

    /** Deletes a record; absent is fine. */
    public Batch delete(Table<?> table, String key) {
        changes.add(new Change(table.name(), keyBytes(table.name(), key), null));
        return this;
    }

    /**
     * Says that this batch records something new, so that it is refused while the disk is full.
     * Changes of state and removals are not flagged.
     */
    public Batch grows() {
        grows = true;
        return this;
    }

    /** Whether there is nothing in it. */
    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /**
     * Runs {@code publish} on the store thread after the batch is durable and before commit
     * returns, in commit order. It must neither block nor throw.
     */
    public Batch published(Runnable publish) {
        published.add(publish);
        return this;
    }

    Batch putRaw(String family, String key, byte[] value) {
        changes.add(new Change(family, keyBytes(family, key), value));
        return this;
    }

    /** How many bytes of values it holds. */
    long bytes() {
        long sum = 0;
        for (var change : changes) {
            var value = change.value();
            sum += value == null ? 0 : value.length;
        }
        return sum;
    }

    boolean growing() {
        return grows;
    }

    List<Change> changes() {
        return changes;
    }

    void publish() {
        published.forEach(Runnable::run);
    }

    static byte[] keyBytes(String family, String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "record %s: key of %d bytes, wanted 1 to %d"
                            .formatted(family, bytes.length, MAX_KEY_BYTES));
        }
        return bytes;
    }
}
