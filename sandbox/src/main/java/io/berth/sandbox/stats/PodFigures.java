package io.berth.sandbox.stats;

import com.google.protobuf.UnknownFieldSet;
import io.berth.cri.v1.LinuxPodSandboxStats;
import io.berth.cri.v1.PodSandboxAttributes;
import io.berth.cri.v1.PodSandboxStats;
import io.berth.cri.v1.ProcessUsage;
import io.berth.linux.usage.CgroupUsage;
import io.berth.linux.usage.NetworkDevice;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.wire.Entries;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What one pod uses: all that is in its cgroup, its interfaces, and its containers one by one. A
 * pod on the host's network has no traffic of its own.
 */
public final class PodFigures {
    private final Sources sources;
    private final ContainerFigures containers;
    private final Function<PodSandbox, Path> netns;
    private final Clock clock;

    /**
     * @param netns where a pod's network namespace is pinned
     */
    public PodFigures(
            Sources sources,
            ContainerFigures containers,
            Function<PodSandbox, Path> netns,
            Clock clock) {
        this.sources = sources;
        this.containers = containers;
        this.netns = netns;
        this.clock = clock;
    }

    /** Reads a pod's figures. */
    public PodSandboxStats of(PodSandbox pod, List<Container> all) {
        var linux = LinuxPodSandboxStats.newBuilder();
        var usage = sources.usage();
        var cgroup = sources.cgroups().ofPod().apply(pod);
        long at = CriTime.nanos(clock.instant());
        usage.cpuNanos(cgroup)
                .ifPresent(
                        nanos ->
                                linux.setCpu(
                                        Usages.cpu(
                                                at,
                                                nanos,
                                                containers.nanoCores(
                                                        pod.id().value(), nanos, pod.createdAt()),
                                                usage.pressure(cgroup, CgroupUsage.Resource.CPU))));
        usage.memory(cgroup)
                .ifPresent(
                        memory ->
                                linux.setMemory(
                                        Usages.memory(
                                                at,
                                                memory,
                                                usage.pressure(
                                                        cgroup, CgroupUsage.Resource.MEMORY))));
        usage.pressure(cgroup, CgroupUsage.Resource.IO)
                .ifPresent(pressure -> linux.setIo(Usages.io(at, pressure)));
        devices(pod).ifPresent(devices -> linux.setNetwork(Usages.network(at, devices)));
        long processes = 0;
        for (var container : all) {
            linux.addContainers(containers.of(pod, container));
            processes += containers.processes(pod, container);
        }
        linux.setProcess(
                ProcessUsage.newBuilder()
                        .setTimestamp(at)
                        .setProcessCount(Usages.number(processes)));
        return PodSandboxStats.newBuilder()
                .setUnknownFields(attributes(pod))
                .setLinux(linux)
                .build();
    }

    /** A pod's own interfaces; absent if it has none, or does not run. */
    Optional<List<NetworkDevice>> devices(PodSandbox pod) {
        return pod.state() instanceof SandboxState.Ready(_, var pid) && !pod.onHostNetwork()
                ? NetworkDevice.of(pid, netns.apply(pod))
                : Optional.empty();
    }

    /** The attributes as bytes: labels and annotations may be many, and nobody here reads them. */
    private static UnknownFieldSet attributes(PodSandbox pod) {
        var own =
                PodSandboxAttributes.newBuilder()
                        .setId(pod.id().value())
                        .setMetadata(pod.brief().getMetadata())
                        .build()
                        .toByteString();
        var listed =
                Entries.renumbered(
                        pod.outline().listed().bytes(),
                        io.berth.cri.v1.PodSandbox.LABELS_FIELD_NUMBER,
                        PodSandboxAttributes.LABELS_FIELD_NUMBER,
                        io.berth.cri.v1.PodSandbox.ANNOTATIONS_FIELD_NUMBER,
                        PodSandboxAttributes.ANNOTATIONS_FIELD_NUMBER);
        return Entries.of(PodSandboxStats.ATTRIBUTES_FIELD_NUMBER, List.of(own.concat(listed)));
    }
}
