package io.berth.linux.usage;

import io.berth.linux.CgroupLayout;
import io.berth.linux.CgroupPath;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What cgroups have used so far and what they may use. Every method reads one to five small files,
 * a few microseconds each; an answer is absent when the cgroup is, or when this kernel does not
 * keep that account. Figures of a cgroup include those of the ones below it.
 */
public sealed interface CgroupUsage permits LegacyUsage, UnifiedUsage {
    /** The reader for a layout. */
    static CgroupUsage of(CgroupLayout layout) {
        return switch (layout) {
            case CgroupLayout.Legacy legacy -> new LegacyUsage(legacy);
            case CgroupLayout.Unified unified -> new UnifiedUsage(unified.root());
        };
    }

    /** Processor time in nanoseconds, of all processors together; one file. */
    OptionalLong cpuNanos(CgroupPath cgroup);

    /** Processor time in parts, and throttling. */
    Optional<CpuTimes> cpu(CgroupPath cgroup);

    /** Memory in use. */
    Optional<MemoryUse> memory(CgroupPath cgroup);

    /** What memory has come to since the cgroup was made. */
    MemoryHistory memoryHistory(CgroupPath cgroup);

    /** Swap in use; absent where swap is not accounted. */
    Optional<SwapUse> swap(CgroupPath cgroup);

    /** How long tasks waited; cgroup v2 with PSI only. */
    Optional<Pressure> pressure(CgroupPath cgroup, Resource resource);

    /** Traffic of block devices, by device. */
    List<DeviceTraffic> io(CgroupPath cgroup);

    /** How many processes and threads. */
    Optional<TaskCounts> tasks(CgroupPath cgroup);

    /** Huge pages, by size; empty where they are not accounted. */
    List<HugePages> hugePages(CgroupPath cgroup);

    /** What it may use. */
    CgroupLimits limits(CgroupPath cgroup);

    /** What tasks can wait for. */
    enum Resource {
        CPU("cpu"),
        MEMORY("memory"),
        IO("io");

        private final String word;

        Resource(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }
}
