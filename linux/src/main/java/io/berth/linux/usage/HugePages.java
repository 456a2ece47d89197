package io.berth.linux.usage;

import java.util.OptionalLong;

/**
 * Huge pages of one size.
 *
 * @param size in the kernel's words, such as 2MB
 * @param usageBytes in use now
 * @param peakBytes the most that were; cgroup v2 does not say
 */
public record HugePages(String size, long usageBytes, OptionalLong peakBytes) {}
