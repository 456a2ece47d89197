package io.berth.sandbox.stats;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How busy processors are, from samples of ever-growing processor time. A rate goes back to the
 * last sample that is at least a second old, so that two who ask at once get the same; the last two
 * samples of each are kept. Times are of {@link System#nanoTime}.
 */
public final class CpuRates {
    private static final long LEAST_NANOS = 1_000_000_000L;
    private static final double NANOS = 1e9;

    private final Map<String, Last> samples = new ConcurrentHashMap<>();

    private record Sample(long atNanos, long usageNanos) {}

    private record Last(Sample newer, Optional<Sample> older) {}

    /** Notes what had been used at a time. */
    void add(String id, long atNanos, long usageNanos) {
        var sample = new Sample(atNanos, usageNanos);
        samples.compute(
                id, (_, last) -> new Last(sample, Optional.ofNullable(last).map(Last::newer)));
    }

    /** Forgets all others. */
    void retain(Set<String> ids) {
        samples.keySet().retainAll(ids);
    }

    /**
     * Billionths of a processor in use up to now; absent as long as there is no sample to compare
     * with.
     */
    public OptionalLong nanoCores(String id, long nowNanos, long usageNanos) {
        var last = samples.get(id);
        if (last == null) {
            return OptionalLong.empty();
        }
        var base =
                nowNanos - last.newer().atNanos() >= LEAST_NANOS
                        ? Optional.of(last.newer())
                        : last.older();
        return base.isPresent()
                ? rate(nowNanos - base.get().atNanos(), usageNanos - base.get().usageNanos())
                : OptionalLong.empty();
    }

    /** The rate of what was used in a time; absent if the time is too short to tell. */
    static OptionalLong rate(long tookNanos, long usedNanos) {
        if (tookNanos < LEAST_NANOS || usedNanos < 0) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Math.round(usedNanos * (NANOS / tookNanos)));
    }
}
