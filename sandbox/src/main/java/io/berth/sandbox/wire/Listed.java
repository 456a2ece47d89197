package io.berth.sandbox.wire;

import com.google.protobuf.ByteString;
import io.berth.linux.foreign.ForeignScope;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The labels and annotations of a pod or container, as fields of a list's entry. They are in
 * memory; where an earlier daemon has accepted more of them than this one's memory may hold, they
 * are made of the stored request each time that they are needed. Two are equal if their bytes are,
 * as far as size and hash tell.
 */
public final class Listed {
    private final @Nullable ByteString bytes;
    private final Supplier<ByteString> source;
    private final int size;
    private final int hash;

    private Listed(@Nullable ByteString bytes, Supplier<ByteString> source, int size, int hash) {
        this.bytes = bytes;
        this.source = source;
        this.size = size;
        this.hash = hash;
    }

    /** Labels and annotations in memory. */
    public static Listed of(ByteString bytes) {
        return new Listed(bytes, () -> bytes, bytes.size(), bytes.hashCode());
    }

    /**
     * The same, no longer in memory.
     *
     * @param again makes the bytes anew from what is stored
     */
    public Listed onDisk(Supplier<ByteString> again) {
        return new Listed(null, again, size, hash);
    }

    /**
     * The bytes. Those that are not in memory are charged to the request that this thread works
     * for.
     *
     * @throws io.berth.linux.foreign.MemoryExhausted if the request may not take so much memory
     */
    public ByteString bytes() {
        if (bytes == null) {
            ForeignScope.charge(size);
        }
        return source.get();
    }

    /** The bytes for a record that is about to be stored; charged to nobody. */
    public ByteString stored() {
        return source.get();
    }

    /** How many bytes of memory it takes for as long as it is there. */
    public int weight() {
        return bytes == null ? 0 : size;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Listed that && size == that.size && hash == that.hash;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "%d bytes of labels and annotations".formatted(size);
    }
}
