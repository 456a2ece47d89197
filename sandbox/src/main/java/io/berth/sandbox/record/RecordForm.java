package io.berth.sandbox.record;

import io.berth.storage.metadata.Batch;

/**
 * How the values of one kind are stored, and which part of them stays in memory.
 *
 * @param <K> what names a record; its {@code toString} is the key on disk
 * @param <V> the value as the node uses it
 * @param <S> the value as it is stored
 */
public interface RecordForm<K, V, S> {
    /** What names a value. */
    K key(V value);

    /** The form in which a value is stored. */
    S stored(V value);

    /** The value of a stored form. */
    V of(S stored);

    /** How many bytes of memory a value takes, foreign text above all. */
    long weight(V value);

    /** The value with what lists seldom need left in the store, where {@link #keep} has put it. */
    V slim(V value);

    /**
     * Puts what memory need not hold of a value into the store, if it is not there yet.
     *
     * @return the value as memory holds it
     */
    V keep(V value, Batch batch);

    /** Deletes what {@link #keep} has put into the store. */
    void forget(K key, Batch batch);
}
