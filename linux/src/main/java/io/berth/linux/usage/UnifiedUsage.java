package io.berth.linux.usage;

import static io.berth.linux.usage.KernelFile.entry;
import static io.berth.linux.usage.KernelFile.limit;
import static io.berth.linux.usage.KernelFile.number;
import static io.berth.linux.usage.KernelFile.text;

import io.berth.linux.CgroupPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** cgroup v2 (Documentation/admin-guide/cgroup-v2.rst): one hierarchy for all controllers. */
final class UnifiedUsage implements CgroupUsage {
    private static final long MICRO = 1000;

    private final Path root;

    UnifiedUsage(Path root) {
        this.root = root;
    }

    private Path file(CgroupPath cgroup, String name) {
        return root.resolve(cgroup.value().substring(1)).resolve(name);
    }

    private Map<String, Long> keyed(CgroupPath cgroup, String name) {
        return text(file(cgroup, name)).map(KernelFile::keyed).orElse(Map.of());
    }

    @Override
    public OptionalLong cpuNanos(CgroupPath cgroup) {
        var usage = entry(keyed(cgroup, "cpu.stat"), "usage_usec");
        return usage.isPresent() ? OptionalLong.of(usage.getAsLong() * MICRO) : usage;
    }

    @Override
    public Optional<CpuTimes> cpu(CgroupPath cgroup) {
        var stat = keyed(cgroup, "cpu.stat");
        if (!stat.containsKey("usage_usec")) {
            return Optional.empty();
        }
        return Optional.of(
                new CpuTimes(
                        stat.getOrDefault("usage_usec", 0L) * MICRO,
                        stat.getOrDefault("user_usec", 0L) * MICRO,
                        stat.getOrDefault("system_usec", 0L) * MICRO,
                        stat.getOrDefault("nr_periods", 0L),
                        stat.getOrDefault("nr_throttled", 0L),
                        stat.getOrDefault("throttled_usec", 0L) * MICRO));
    }

    @Override
    public Optional<MemoryUse> memory(CgroupPath cgroup) {
        var usage = number(file(cgroup, "memory.current"));
        var stat = keyed(cgroup, "memory.stat");
        if (usage.isEmpty() || stat.isEmpty()) {
            return Optional.empty();
        }
        var faults =
                new MemoryUse.Faults(
                        stat.getOrDefault("pgfault", 0L), stat.getOrDefault("pgmajfault", 0L));
        return Optional.of(
                new MemoryUse(
                        usage.getAsLong(),
                        limit(file(cgroup, "memory.max")),
                        stat.getOrDefault("anon", 0L),
                        stat.getOrDefault("file", 0L),
                        stat.getOrDefault("file_mapped", 0L),
                        stat.getOrDefault("active_file", 0L),
                        stat.getOrDefault("inactive_file", 0L),
                        faults,
                        faults));
    }

    @Override
    public MemoryHistory memoryHistory(CgroupPath cgroup) {
        var events = keyed(cgroup, "memory.events");
        return new MemoryHistory(
                number(file(cgroup, "memory.peak")),
                kernel(keyed(cgroup, "memory.stat")),
                entry(events, "max"),
                entry(events, "oom_kill"));
    }

    /** All of the kernel's since Linux 5.18; before, what is told one by one. */
    private static OptionalLong kernel(Map<String, Long> stat) {
        if (stat.containsKey("kernel") || !stat.containsKey("kernel_stack")) {
            return entry(stat, "kernel");
        }
        long sum = 0;
        for (var part : List.of("kernel_stack", "pagetables", "percpu", "slab")) {
            sum += stat.getOrDefault(part, 0L);
        }
        return OptionalLong.of(sum);
    }

    @Override
    public Optional<SwapUse> swap(CgroupPath cgroup) {
        var usage = number(file(cgroup, "memory.swap.current"));
        return usage.isPresent()
                ? Optional.of(
                        new SwapUse(usage.getAsLong(), limit(file(cgroup, "memory.swap.max"))))
                : Optional.empty();
    }

    @Override
    public Optional<Pressure> pressure(CgroupPath cgroup, Resource resource) {
        return text(file(cgroup, resource.word() + ".pressure")).flatMap(Pressure::parse);
    }

    @Override
    public List<DeviceTraffic> io(CgroupPath cgroup) {
        var found = new ArrayList<DeviceTraffic>();
        for (var words : KernelFile.lines(text(file(cgroup, "io.stat")).orElse(""))) {
            if (words.length > 1 && words[0].matches("\\d+:\\d+")) {
                found.add(device(words));
            }
        }
        return List.copyOf(found);
    }

    private static DeviceTraffic device(String[] words) {
        var draft = new DeviceTraffic.Draft();
        for (int i = 1; i < words.length; i++) {
            var parts = words[i].split("=", 2);
            switch (parts[0]) {
                case "rbytes" -> draft.bytes("Read", number(parts[1]));
                case "wbytes" -> draft.bytes("Write", number(parts[1]));
                case "dbytes" -> draft.bytes("Discard", number(parts[1]));
                case "rios" -> draft.operations("Read", number(parts[1]));
                case "wios" -> draft.operations("Write", number(parts[1]));
                case "dios" -> draft.operations("Discard", number(parts[1]));
                default -> {} // cost models add their own
            }
        }
        return draft.of(words[0]);
    }

    @Override
    public Optional<TaskCounts> tasks(CgroupPath cgroup) {
        return text(file(cgroup, "cgroup.procs"))
                .map(
                        processes ->
                                new TaskCounts(
                                        TaskCounts.processes(processes),
                                        number(file(cgroup, "pids.current")),
                                        limit(file(cgroup, "pids.max"))));
    }

    @Override
    public List<HugePages> hugePages(CgroupPath cgroup) {
        var found = new ArrayList<HugePages>();
        var directory = file(cgroup, "");
        try (var files = Files.newDirectoryStream(directory, "hugetlb.*[KMG]B.current")) {
            for (var file : files) {
                var size = file.getFileName().toString().split("\\.", -1)[1];
                number(file)
                        .ifPresent(
                                bytes ->
                                        found.add(
                                                new HugePages(size, bytes, OptionalLong.empty())));
            }
        } catch (IOException gone) {
            return List.of();
        }
        return List.copyOf(found);
    }

    @Override
    public CgroupLimits limits(CgroupPath cgroup) {
        var weight = number(file(cgroup, "cpu.weight"));
        var bandwidth = text(file(cgroup, "cpu.max")).orElse("").strip().split("\\s+", -1);
        return new CgroupLimits(
                weight.isPresent() ? OptionalLong.of(shares(weight.getAsLong())) : weight,
                bandwidth.length > 1 ? limit(bandwidth[1]) : OptionalLong.empty(),
                limit(bandwidth[0]),
                limit(file(cgroup, "memory.max")),
                limit(file(cgroup, "memory.low")),
                limit(file(cgroup, "memory.swap.max")));
    }

    /**
     * v2's weights of 1 to 10000 in v1's scale of 2 to 262144, as runc maps the one to the other.
     */
    static long shares(long weight) {
        return 2 + (weight - 1) * 262142 / 9999;
    }
}
