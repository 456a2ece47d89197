package io.berth.storage.metadata;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

    /** All records in key order, as of one moment; one that cannot be read does not hide others. */
    public Contents<T> contents() {
        var records = new TreeMap<String, T>();
        var unreadable = new ArrayList<MetadataException.UnreadableRecord>();
        metadata.scan(
                family.name(),
                (key, bytes) -> {
                    try {
                        records.put(key, codec.decode(key, bytes));
                    } catch (MetadataException.UnreadableRecord lost) {
                        unreadable.add(lost);
                    }
                });
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
