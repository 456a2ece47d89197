package io.berth.linux.usage;

import java.util.OptionalLong;

/**
 * What a cgroup may use; absent is without a limit, or not said.
 *
 * @param cpuShares relative weight in v1's scale, where 1024 is the usual one
 * @param cpuPeriodMicros the length of a bandwidth period
 * @param cpuQuotaMicros processor time in each period
 * @param memoryBytes memory
 * @param memoryReservationBytes memory that is left to it when it gets scarce
 * @param memorySwapBytes memory and swap under v1, swap alone under v2
 */
public record CgroupLimits(
        OptionalLong cpuShares,
        OptionalLong cpuPeriodMicros,
        OptionalLong cpuQuotaMicros,
        OptionalLong memoryBytes,
        OptionalLong memoryReservationBytes,
        OptionalLong memorySwapBytes) {}
