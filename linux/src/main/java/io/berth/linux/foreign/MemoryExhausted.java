package io.berth.linux.foreign;

/**
 * The refusal of one request whose bytes do not fit into the {@link MemoryBudget}. Nothing was
 * taken; the same request may succeed later unless it is larger than the whole part of its kind.
 */
public final class MemoryExhausted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ForeignKind kind;
    private final long bytes;

    MemoryExhausted(ForeignKind kind, long bytes, long held, long limit) {
        super(message(kind, bytes, held, limit));
        this.kind = kind;
        this.bytes = bytes;
    }

    private static String message(ForeignKind kind, long bytes, long held, long limit) {
        var wanted = "memory budget: %s: wanted %d bytes".formatted(kind.word(), bytes);
        return bytes > limit
                ? "%s, all %s together may have %d; ask for less, or raise the heap's maximum (BERTH_JAVA_OPTS=-Xmx…)"
                        .formatted(wanted, kind.word(), limit)
                : "%s, found %d of %d bytes in use; try again later, or raise the heap's maximum (BERTH_JAVA_OPTS=-Xmx…)"
                        .formatted(wanted, held, limit);
    }

    /** The kind of bytes that found no room. */
    public ForeignKind kind() {
        return kind;
    }

    /** How many bytes were wanted. */
    public long bytes() {
        return bytes;
    }
}
