package io.berth.storage.metadata;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Reads of one family, from disk; owners keep their own views in memory and read once, at start.
 * Written through {@link Batch}.
 */
public final class Table<T> {
    private final Metadata metadata;
    private final Family<T> family;
    private final RecordCodec<T> codec;

    Table(Metadata metadata, Family<T> family) {
        this.metadata = metadata;
        this.family = family;
        this.codec = new RecordCodec<>(family);
    }

    /** The records that can be read, in key order, and why each other cannot. */
    public record Contents<T>(
            Map<String, T> records, List<MetadataException.UnreadableRecord> unreadable) {}

    /**
     * The record of {@code key}, or none.
     *
     * @throws MetadataException.UnreadableRecord when it is there but cannot be read
     */
    public Optional<T> get(String key) {
        return metadata.read(family.name(), key).map(bytes -> codec.decode(key, bytes));
    }

    /**
     * All records in key order, as of one moment.
     *
     * @throws MetadataException.UnreadableRecord when any of them cannot be read
     */
    public Map<String, T> all() {
        var contents = contents();
        if (!contents.unreadable().isEmpty()) {
            throw contents.unreadable().getFirst();
        }
        return contents.records();
    }

    /**
     * Shows each record in key order, as of one moment, so that not all of them need be in memory.
     * {@code each} must not write to the store.
     *
     * @throws MetadataException.UnreadableRecord when one of them cannot be read
     */
    public void forEach(BiConsumer<String, T> each) {
        metadata.scan(family.name(), (key, bytes) -> each.accept(key, codec.decode(key, bytes)));
    }

    /**
     * As the other; a record that cannot be read does not hide others.
     *
     * @return why each record that is left out cannot be read
     */
    public List<MetadataException.UnreadableRecord> forEachReadable(BiConsumer<String, T> each) {
        var unreadable = new ArrayList<MetadataException.UnreadableRecord>();
        metadata.scan(
                family.name(),
                (key, bytes) -> {
                    T record;
                    try {
                        record = codec.decode(key, bytes);
                    } catch (MetadataException.UnreadableRecord lost) {
                        unreadable.add(lost);
                        return;
                    }
                    each.accept(key, record);
                });
        return unreadable;
    }

    /** All records in key order, as of one moment; one that cannot be read does not hide others. */
    public Contents<T> contents() {
        var records = new TreeMap<String, T>();
        var unreadable = forEachReadable(records::put);
        return new Contents<>(
                Collections.unmodifiableMap(records), Collections.unmodifiableList(unreadable));
    }

    String name() {
        return family.name();
    }

    Family<T> family() {
        return family;
    }

    RecordCodec<T> codec() {
        return codec;
    }

    byte[] encode(T value) {
        return codec.encode(value);
    }
}
