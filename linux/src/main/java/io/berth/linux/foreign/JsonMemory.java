package io.berth.linux.foreign;

/** Takes account of the memory of a JSON tree while the tree grows. */
@FunctionalInterface
public interface JsonMemory {
    /** So much of a tree is not charged: requests read many small documents one after another. */
    int FREE_BYTES = 256 << 10;

    /**
     * Accounts for further bytes before they are allocated.
     *
     * @throws RuntimeException if there are none left, which ends the reading
     */
    void take(int bytes);

    /**
     * Charges the request that this thread works for with what a tree takes over its first bytes,
     * until the request ends.
     */
    static JsonMemory ofThisRequest() {
        return new JsonMemory() {
            private long free = FREE_BYTES;

            @Override
            public void take(int bytes) {
                long charged = Math.max(0, bytes - free);
                free = Math.max(0, free - bytes);
                if (charged > 0) {
                    ForeignScope.charge(charged);
                }
            }
        };
    }
}
