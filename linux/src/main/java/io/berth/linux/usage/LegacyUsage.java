package io.berth.linux.usage;

import static io.berth.linux.usage.KernelFile.entry;
import static io.berth.linux.usage.KernelFile.limit;
import static io.berth.linux.usage.KernelFile.number;
import static io.berth.linux.usage.KernelFile.text;

import io.berth.linux.CgroupLayout;
import io.berth.linux.CgroupPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** cgroup v1 (Documentation/admin-guide/cgroup-v1): one hierarchy a controller. */
final class LegacyUsage implements CgroupUsage {
    /** cpuacct.stat counts in ticks of USER_HZ, which is 100 on every architecture in use. */
    private static final long TICK_NANOS = 10_000_000;

    private final CgroupLayout.Legacy layout;

    LegacyUsage(CgroupLayout.Legacy layout) {
        this.layout = layout;
    }

    private Optional<Path> directory(CgroupPath cgroup, String controller) {
        return layout.rootOf(controller).map(root -> root.resolve(cgroup.value().substring(1)));
    }

    private OptionalLong numberOf(CgroupPath cgroup, String controller, String file) {
        return directory(cgroup, controller)
                .map(directory -> number(directory.resolve(file)))
                .orElse(OptionalLong.empty());
    }

    private OptionalLong limitOf(CgroupPath cgroup, String controller, String file) {
        return directory(cgroup, controller)
                .map(directory -> limit(directory.resolve(file)))
                .orElse(OptionalLong.empty());
    }

    private Map<String, Long> keyedOf(CgroupPath cgroup, String controller, String file) {
        return directory(cgroup, controller)
                .flatMap(directory -> text(directory.resolve(file)))
                .map(KernelFile::keyed)
                .orElse(Map.of());
    }

    @Override
    public OptionalLong cpuNanos(CgroupPath cgroup) {
        return numberOf(cgroup, "cpuacct", "cpuacct.usage");
    }

    @Override
    public Optional<CpuTimes> cpu(CgroupPath cgroup) {
        var usage = cpuNanos(cgroup);
        if (usage.isEmpty()) {
            return Optional.empty();
        }
        var ticks = keyedOf(cgroup, "cpuacct", "cpuacct.stat");
        var bandwidth = keyedOf(cgroup, "cpu", "cpu.stat");
        return Optional.of(
                new CpuTimes(
                        usage.getAsLong(),
                        ticks.getOrDefault("user", 0L) * TICK_NANOS,
                        ticks.getOrDefault("system", 0L) * TICK_NANOS,
                        bandwidth.getOrDefault("nr_periods", 0L),
                        bandwidth.getOrDefault("nr_throttled", 0L),
                        bandwidth.getOrDefault("throttled_time", 0L)));
    }

    @Override
    public Optional<MemoryUse> memory(CgroupPath cgroup) {
        var usage = numberOf(cgroup, "memory", "memory.usage_in_bytes");
        var stat = keyedOf(cgroup, "memory", "memory.stat");
        if (usage.isEmpty() || stat.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new MemoryUse(
                        usage.getAsLong(),
                        limitIn(stat, "hierarchical_memory_limit"),
                        stat.getOrDefault("total_rss", 0L),
                        stat.getOrDefault("total_cache", 0L),
                        stat.getOrDefault("total_mapped_file", 0L),
                        stat.getOrDefault("total_active_file", 0L),
                        stat.getOrDefault("total_inactive_file", 0L),
                        faults(stat, ""),
                        faults(stat, "total_")));
    }

    private static OptionalLong limitIn(Map<String, Long> stat, String key) {
        var value = stat.get(key);
        return value == null ? OptionalLong.empty() : limit(Long.toString(value));
    }

    private static MemoryUse.Faults faults(Map<String, Long> stat, String prefix) {
        return new MemoryUse.Faults(
                stat.getOrDefault(prefix + "pgfault", 0L),
                stat.getOrDefault(prefix + "pgmajfault", 0L));
    }

    @Override
    public MemoryHistory memoryHistory(CgroupPath cgroup) {
        return new MemoryHistory(
                numberOf(cgroup, "memory", "memory.max_usage_in_bytes"),
                numberOf(cgroup, "memory", "memory.kmem.usage_in_bytes"),
                numberOf(cgroup, "memory", "memory.failcnt"),
                entry(keyedOf(cgroup, "memory", "memory.oom_control"), "oom_kill"));
    }

    @Override
    public Optional<SwapUse> swap(CgroupPath cgroup) {
        var stat = keyedOf(cgroup, "memory", "memory.stat");
        var usage = stat.get("total_swap");
        if (usage == null) {
            return Optional.empty();
        }
        var memory = limitIn(stat, "hierarchical_memory_limit");
        var both = limitIn(stat, "hierarchical_memsw_limit");
        var limit =
                memory.isPresent() && both.isPresent()
                        ? OptionalLong.of(Math.max(0, both.getAsLong() - memory.getAsLong()))
                        : OptionalLong.empty();
        return Optional.of(new SwapUse(usage, limit));
    }

    @Override
    public Optional<Pressure> pressure(CgroupPath cgroup, Resource resource) {
        return Optional.empty();
    }

    @Override
    public List<DeviceTraffic> io(CgroupPath cgroup) {
        var directory = directory(cgroup, "blkio");
        if (directory.isEmpty()) {
            return List.of();
        }
        var drafts = new LinkedHashMap<String, DeviceTraffic.Draft>();
        each(
                directory.get().resolve("blkio.throttle.io_service_bytes_recursive"),
                drafts,
                DeviceTraffic.Draft::bytes);
        each(
                directory.get().resolve("blkio.throttle.io_serviced_recursive"),
                drafts,
                DeviceTraffic.Draft::operations);
        return drafts.entrySet().stream().map(e -> e.getValue().of(e.getKey())).toList();
    }

    /** Sets one figure of a draft. */
    @FunctionalInterface
    private interface Setter {
        void set(DeviceTraffic.Draft draft, String kind, long value);
    }

    private static void each(Path file, Map<String, DeviceTraffic.Draft> drafts, Setter setter) {
        for (var words : KernelFile.lines(text(file).orElse(""))) {
            if (words.length == 3 && words[0].matches("\\d+:\\d+")) {
                var draft = drafts.computeIfAbsent(words[0], _ -> new DeviceTraffic.Draft());
                setter.set(draft, words[1], number(words[2]));
            }
        }
    }

    @Override
    public Optional<TaskCounts> tasks(CgroupPath cgroup) {
        return directory(cgroup, "pids")
                .or(() -> directory(cgroup, "memory"))
                .flatMap(directory -> text(directory.resolve("cgroup.procs")))
                .map(
                        processes ->
                                new TaskCounts(
                                        TaskCounts.processes(processes),
                                        numberOf(cgroup, "pids", "pids.current"),
                                        limitOf(cgroup, "pids", "pids.max")));
    }

    @Override
    public List<HugePages> hugePages(CgroupPath cgroup) {
        var directory = directory(cgroup, "hugetlb");
        if (directory.isEmpty()) {
            return List.of();
        }
        var found = new ArrayList<HugePages>();
        var usage = "hugetlb.*[KMG]B.usage_in_bytes";
        try (var files = Files.newDirectoryStream(directory.get(), usage)) {
            for (var file : files) {
                var size = file.getFileName().toString().split("\\.", -1)[1];
                var peak = file.resolveSibling("hugetlb." + size + ".max_usage_in_bytes");
                number(file)
                        .ifPresent(bytes -> found.add(new HugePages(size, bytes, number(peak))));
            }
        } catch (IOException gone) {
            return List.of();
        }
        return List.copyOf(found);
    }

    @Override
    public CgroupLimits limits(CgroupPath cgroup) {
        return new CgroupLimits(
                numberOf(cgroup, "cpu", "cpu.shares"),
                numberOf(cgroup, "cpu", "cpu.cfs_period_us"),
                limitOf(cgroup, "cpu", "cpu.cfs_quota_us"),
                limitOf(cgroup, "memory", "memory.limit_in_bytes"),
                limitOf(cgroup, "memory", "memory.soft_limit_in_bytes"),
                limitOf(cgroup, "memory", "memory.memsw.limit_in_bytes"));
    }
}
