package io.berth.linux.usage;

/**
 * Processor time.
 *
 * @param usageNanos all of it
 * @param userNanos in user space, to the tick under cgroup v1
 * @param systemNanos in the kernel, likewise
 * @param periods how often the bandwidth limit was applied; 0 without one
 * @param throttledPeriods in how many of them tasks had to wait
 * @param throttledNanos for how long
 */
public record CpuTimes(
        long usageNanos,
        long userNanos,
        long systemNanos,
        long periods,
        long throttledPeriods,
        long throttledNanos) {}
