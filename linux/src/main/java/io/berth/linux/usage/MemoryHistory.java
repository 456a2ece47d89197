package io.berth.linux.usage;

import java.util.OptionalLong;

/**
 * What memory has come to since a cgroup was made; what this kernel does not say is absent.
 *
 * @param peak the most bytes in use
 * @param kernel bytes that the kernel holds for it now
 * @param limitHits how often a charge met the limit
 * @param oomKills how many of its processes were killed for want of memory
 */
public record MemoryHistory(
        OptionalLong peak, OptionalLong kernel, OptionalLong limitHits, OptionalLong oomKills) {}
