package io.berth.sandbox.stats;

import io.berth.linux.CgroupPath;
import io.berth.linux.usage.BlockDevices;
import io.berth.linux.usage.CgroupUsage;
import io.berth.linux.usage.DeviceTraffic;
import io.berth.linux.usage.OpenFiles;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.sandbox.PodSandbox;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** The metrics of one running container; one that does not run has none. */
public final class ContainerMetrics {
    private static final long SECOND = 1_000_000_000L;

    private final Sources sources;
    private final Supplier<Optional<LayerFileSystem>> fileSystem;
    private final Clock clock;

    /**
     * @param fileSystem looks at the file system of writable layers; nothing if that fails
     */
    public ContainerMetrics(
            Sources sources, Supplier<Optional<LayerFileSystem>> fileSystem, Clock clock) {
        this.sources = sources;
        this.fileSystem = fileSystem;
        this.clock = clock;
    }

    /** Reads a container's metrics. */
    Optional<io.berth.cri.v1.ContainerMetrics> of(PodSandbox pod, Container container) {
        if (!(container.state() instanceof ContainerState.Running running)) {
            return Optional.empty();
        }
        var cgroup = sources.cgroups().ofContainer().apply(pod, container);
        var list = MetricList.of(pod, container);
        if (!cpu(list, cgroup)) {
            return Optional.empty(); // it ends just now
        }
        memory(list, cgroup);
        pages(list, cgroup);
        pressure(list, cgroup);
        traffic(list, cgroup);
        layer(list, container);
        tasks(list, cgroup, running.pid());
        limits(list, cgroup);
        list.add(MetricName.LAST_SEEN, clock.instant().getEpochSecond());
        list.add(MetricName.START_TIME_SECONDS, running.startedAt().getEpochSecond());
        return Optional.of(
                io.berth.cri.v1.ContainerMetrics.newBuilder()
                        .setContainerId(container.id().value())
                        .addAllMetrics(list.all())
                        .build());
    }

    private boolean cpu(MetricList list, CgroupPath cgroup) {
        var times = sources.usage().cpu(cgroup);
        if (times.isEmpty()) {
            return false;
        }
        var cpu = times.get();
        list.add(MetricName.CPU_USAGE_SECONDS_TOTAL, cpu.usageNanos() / SECOND);
        list.add(MetricName.CPU_USER_SECONDS_TOTAL, cpu.userNanos() / SECOND);
        list.add(MetricName.CPU_SYSTEM_SECONDS_TOTAL, cpu.systemNanos() / SECOND);
        list.add(MetricName.CPU_CFS_PERIODS_TOTAL, cpu.periods());
        list.add(MetricName.CPU_CFS_THROTTLED_PERIODS_TOTAL, cpu.throttledPeriods());
        list.add(MetricName.CPU_CFS_THROTTLED_SECONDS_TOTAL, cpu.throttledNanos() / SECOND);
        return true;
    }

    private void memory(MetricList list, CgroupPath cgroup) {
        var use = sources.usage().memory(cgroup);
        if (use.isEmpty()) {
            return;
        }
        var memory = use.get();
        list.add(MetricName.MEMORY_USAGE_BYTES, memory.usage());
        list.add(MetricName.MEMORY_WORKING_SET_BYTES, memory.workingSet());
        list.add(MetricName.MEMORY_RSS, memory.anonymous());
        list.add(MetricName.MEMORY_CACHE, memory.cache());
        list.add(MetricName.MEMORY_MAPPED_FILE, memory.mapped());
        list.add(MetricName.MEMORY_TOTAL_ACTIVE_FILE_BYTES, memory.activeFile());
        list.add(MetricName.MEMORY_TOTAL_INACTIVE_FILE_BYTES, memory.inactiveFile());
        var failures = MetricName.MEMORY_FAILURES_TOTAL;
        list.add(failures, memory.own().total(), "pgfault", "container");
        list.add(failures, memory.own().major(), "pgmajfault", "container");
        list.add(failures, memory.all().total(), "pgfault", "hierarchy");
        list.add(failures, memory.all().major(), "pgmajfault", "hierarchy");
        var history = sources.usage().memoryHistory(cgroup);
        list.add(MetricName.MEMORY_MAX_USAGE_BYTES, history.peak());
        list.add(MetricName.MEMORY_KERNEL_USAGE, history.kernel());
        list.add(MetricName.MEMORY_FAILCNT, history.limitHits());
        list.add(MetricName.OOM_EVENTS_TOTAL, history.oomKills());
        sources.usage()
                .swap(cgroup)
                .ifPresent(swap -> list.add(MetricName.MEMORY_SWAP, swap.usage()));
    }

    private void pages(MetricList list, CgroupPath cgroup) {
        for (var pages : sources.usage().hugePages(cgroup)) {
            list.add(MetricName.HUGETLB_USAGE_BYTES, pages.usageBytes(), pages.size());
            list.add(MetricName.HUGETLB_MAX_USAGE_BYTES, pages.peakBytes(), pages.size());
        }
    }

    private void pressure(MetricList list, CgroupPath cgroup) {
        for (var resource : CgroupUsage.Resource.values()) {
            var stalled =
                    switch (resource) {
                        case CPU -> MetricName.PRESSURE_CPU_STALLED_SECONDS_TOTAL;
                        case MEMORY -> MetricName.PRESSURE_MEMORY_STALLED_SECONDS_TOTAL;
                        case IO -> MetricName.PRESSURE_IO_STALLED_SECONDS_TOTAL;
                    };
            var waiting =
                    switch (resource) {
                        case CPU -> MetricName.PRESSURE_CPU_WAITING_SECONDS_TOTAL;
                        case MEMORY -> MetricName.PRESSURE_MEMORY_WAITING_SECONDS_TOTAL;
                        case IO -> MetricName.PRESSURE_IO_WAITING_SECONDS_TOTAL;
                    };
            sources.usage()
                    .pressure(cgroup, resource)
                    .ifPresent(
                            psi -> {
                                list.add(stalled, psi.full().totalNanos() / SECOND);
                                list.add(waiting, psi.some().totalNanos() / SECOND);
                            });
        }
    }

    private void traffic(MetricList list, CgroupPath cgroup) {
        for (var traffic : sources.usage().io(cgroup)) {
            var device = BlockDevices.name(traffic.major(), traffic.minor());
            of(traffic, "Read", list, MetricName.FS_READS_BYTES_TOTAL, MetricName.FS_READS_TOTAL);
            of(
                    traffic,
                    "Write",
                    list,
                    MetricName.FS_WRITES_BYTES_TOTAL,
                    MetricName.FS_WRITES_TOTAL);
            traffic.bytes().entrySet().stream()
                    .sorted(java.util.Map.Entry.comparingByKey())
                    .forEach(
                            kind ->
                                    list.add(
                                            MetricName.BLKIO_DEVICE_USAGE_TOTAL,
                                            kind.getValue(),
                                            device,
                                            Integer.toString(traffic.major()),
                                            Integer.toString(traffic.minor()),
                                            kind.getKey()));
        }
    }

    private static void of(
            DeviceTraffic traffic,
            String kind,
            MetricList list,
            MetricName bytes,
            MetricName operations) {
        var device = BlockDevices.name(traffic.major(), traffic.minor());
        list.add(bytes, traffic.bytes().getOrDefault(kind, 0L), device);
        list.add(operations, traffic.operations().getOrDefault(kind, 0L), device);
    }

    private void layer(MetricList list, Container container) {
        var on = fileSystem.get();
        if (on.isEmpty()) {
            return;
        }
        var device = on.get().device();
        var space = on.get().space();
        list.add(MetricName.FS_LIMIT_BYTES, space.sizeBytes(), device);
        list.add(MetricName.FS_INODES_TOTAL, space.inodes(), device);
        list.add(MetricName.FS_INODES_FREE, space.freeInodes(), device);
        sources.layers()
                .of(container)
                .ifPresent(
                        sample ->
                                list.addOf(
                                        CriTime.nanos(sample.at()),
                                        MetricName.FS_USAGE_BYTES,
                                        sample.usage().bytes(),
                                        device));
    }

    private void tasks(MetricList list, CgroupPath cgroup, int pid) {
        var counts = sources.usage().tasks(cgroup);
        if (counts.isEmpty()) {
            return;
        }
        var tasks = counts.get();
        list.add(MetricName.PROCESSES, tasks.processes().size());
        list.add(MetricName.THREADS, tasks.threads());
        list.add(MetricName.THREADS_MAX, tasks.maxThreads().orElse(0));
        var files = OpenFiles.of(tasks.processes());
        list.add(MetricName.FILE_DESCRIPTORS, files.descriptors());
        list.add(MetricName.SOCKETS, files.sockets());
        list.add(MetricName.ULIMITS_SOFT, OpenFiles.softLimit(pid), "max_open_files");
    }

    private void limits(MetricList list, CgroupPath cgroup) {
        var limits = sources.usage().limits(cgroup);
        list.add(MetricName.SPEC_CPU_PERIOD, limits.cpuPeriodMicros());
        list.add(MetricName.SPEC_CPU_QUOTA, limits.cpuQuotaMicros());
        list.add(MetricName.SPEC_CPU_SHARES, limits.cpuShares());
        list.add(MetricName.SPEC_MEMORY_LIMIT_BYTES, orZero(limits.memoryBytes()));
        list.add(
                MetricName.SPEC_MEMORY_RESERVATION_LIMIT_BYTES,
                orZero(limits.memoryReservationBytes()));
        list.add(MetricName.SPEC_MEMORY_SWAP_LIMIT_BYTES, orZero(limits.memorySwapBytes()));
    }

    private static long orZero(OptionalLong limit) {
        return limit.orElse(0);
    }
}
