package io.berth.linux.usage;

import java.util.OptionalLong;

/**
 * Memory in use, in bytes; faults are counts.
 *
 * @param usage all that is charged
 * @param limit the least limit that applies; absent if there is none
 * @param anonymous what belongs to no file
 * @param cache what belongs to files
 * @param mapped the part of {@code cache} that is mapped
 * @param inactiveFile the part of {@code cache} that would be dropped first
 */
public record MemoryUse(
        long usage,
        OptionalLong limit,
        long anonymous,
        long cache,
        long mapped,
        long activeFile,
        long inactiveFile,
        Faults own,
        Faults all) {

    /**
     * Page faults.
     *
     * @param major those that had to wait for a disk
     */
    public record Faults(long total, long major) {}

    /** What cannot be dropped without a loss of speed: the measure of evictions. */
    public long workingSet() {
        return Math.max(0, usage - inactiveFile);
    }

    /** What is left below the limit; absent if there is none. */
    public OptionalLong available() {
        return limit.isPresent()
                ? OptionalLong.of(Math.max(0, limit.getAsLong() - workingSet()))
                : OptionalLong.empty();
    }
}
