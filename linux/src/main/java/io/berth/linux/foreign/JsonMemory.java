package io.berth.linux.foreign;

/** Takes account of the memory of a JSON tree while the tree grows. */
@FunctionalInterface
public interface JsonMemory {
    /** For trees whose limits alone keep them small. */
    JsonMemory UNCOUNTED = _ -> {};

    /**
     * Accounts for further bytes before they are allocated.
     *
     * @throws RuntimeException if there are none left, which ends the reading
     */
    void take(int bytes);
}
