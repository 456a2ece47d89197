package io.berth.sandbox.stats;

import com.google.protobuf.UnknownFieldSet;
import io.berth.cri.v1.ContainerAttributes;
import io.berth.cri.v1.ContainerStats;
import io.berth.linux.CgroupPath;
import io.berth.linux.usage.CgroupUsage;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.wire.Entries;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * What one container uses. One that does not run, or ends meanwhile, has its attributes and its
 * writable layer alone, as with containerd.
 */
public final class ContainerFigures {
    private final Sources sources;
    private final Clock clock;
    private final LongSupplier nanoTime;

    /** Since when samples are taken: what began later is known from its beginning. */
    private final Instant openedAt;

    public ContainerFigures(Sources sources, Clock clock, LongSupplier nanoTime) {
        this.sources = sources;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.openedAt = clock.instant();
    }

    /** Reads a container's figures. */
    public ContainerStats of(PodSandbox pod, Container container) {
        var stats = ContainerStats.newBuilder().setUnknownFields(attributes(container));
        sources.layers()
                .of(container)
                .ifPresent(
                        sample ->
                                stats.setWritableLayer(Usages.layer(sample, sources.layerRoot())));
        if (container.state() instanceof ContainerState.Running running) {
            var cgroup = sources.cgroups().ofContainer().apply(pod, container);
            measure(stats, container.id().value(), cgroup, running.startedAt());
        }
        return stats.build();
    }

    /** How many processes a running container has; none if it does not run. */
    long processes(PodSandbox pod, Container container) {
        if (!(container.state() instanceof ContainerState.Running)) {
            return 0;
        }
        var cgroup = sources.cgroups().ofContainer().apply(pod, container);
        return sources.usage().tasks(cgroup).map(tasks -> tasks.processes().size()).orElse(0);
    }

    private void measure(
            ContainerStats.Builder stats, String id, CgroupPath cgroup, Instant startedAt) {
        var usage = sources.usage();
        long at = CriTime.nanos(clock.instant());
        var cpu = usage.cpuNanos(cgroup);
        var memory = usage.memory(cgroup);
        if (cpu.isEmpty() || memory.isEmpty()) {
            return; // it ends just now
        }
        stats.setCpu(
                Usages.cpu(
                        at,
                        cpu.getAsLong(),
                        nanoCores(id, cpu.getAsLong(), startedAt),
                        usage.pressure(cgroup, CgroupUsage.Resource.CPU)));
        stats.setMemory(
                Usages.memory(
                        at, memory.get(), usage.pressure(cgroup, CgroupUsage.Resource.MEMORY)));
        usage.swap(cgroup).ifPresent(swap -> stats.setSwap(Usages.swap(at, swap)));
        usage.pressure(cgroup, CgroupUsage.Resource.IO)
                .ifPresent(pressure -> stats.setIo(Usages.io(at, pressure)));
    }

    /** The rate since the last sample, or since the beginning of what is younger than that. */
    OptionalLong nanoCores(String id, long usageNanos, Instant began) {
        var rate = sources.rates().nanoCores(id, nanoTime.getAsLong(), usageNanos);
        if (rate.isPresent() || began.isBefore(openedAt)) {
            return rate;
        }
        var age = CriTime.nanos(clock.instant()) - CriTime.nanos(began);
        return CpuRates.rate(age, usageNanos);
    }

    /** The attributes as bytes: labels and annotations may be many, and nobody here reads them. */
    private static UnknownFieldSet attributes(Container container) {
        var own =
                ContainerAttributes.newBuilder()
                        .setId(container.id().value())
                        .setMetadata(container.brief().getMetadata())
                        .build()
                        .toByteString();
        var listed =
                Entries.renumbered(
                        container.outline().listed().bytes(),
                        io.berth.cri.v1.Container.LABELS_FIELD_NUMBER,
                        ContainerAttributes.LABELS_FIELD_NUMBER,
                        io.berth.cri.v1.Container.ANNOTATIONS_FIELD_NUMBER,
                        ContainerAttributes.ANNOTATIONS_FIELD_NUMBER);
        return Entries.of(ContainerStats.ATTRIBUTES_FIELD_NUMBER, List.of(own.concat(listed)));
    }
}
