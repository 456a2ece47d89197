package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerStatsFilter;
import io.berth.cri.v1.ContainerStatsResponse;
import io.berth.cri.v1.ListContainerStatsResponse;
import io.berth.cri.v1.ListMetricDescriptorsResponse;
import io.berth.cri.v1.ListPodSandboxMetricsResponse;
import io.berth.cri.v1.ListPodSandboxStatsResponse;
import io.berth.cri.v1.PodSandboxMetrics;
import io.berth.cri.v1.PodSandboxStatsFilter;
import io.berth.cri.v1.PodSandboxStatsResponse;
import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.LinuxException;
import io.berth.linux.usage.BlockDevices;
import io.berth.linux.usage.CgroupUsage;
import io.berth.sandbox.stats.ContainerFigures;
import io.berth.sandbox.stats.ContainerMetrics;
import io.berth.sandbox.stats.CpuRates;
import io.berth.sandbox.stats.LayerFileSystem;
import io.berth.sandbox.stats.LayerUsages;
import io.berth.sandbox.stats.PodCgroups;
import io.berth.sandbox.stats.PodFigures;
import io.berth.sandbox.stats.PodMetrics;
import io.berth.sandbox.stats.Sources;
import io.berth.sandbox.stats.StatsSampler;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the pods and containers of this node use: one method an RPC, each a class of its own.
 * Figures are read when they are asked for, and sampled in the background where that takes time.
 */
public final class Measurements implements Closeable {
    private static final Logger LOG = System.getLogger(Measurements.class.getName());

    private final ContainerStats containerStats;
    private final ListContainerStats listContainerStats;
    private final PodSandboxStats podSandboxStats;
    private final ListPodSandboxStats listPodSandboxStats;
    private final ListPodSandboxMetrics listPodSandboxMetrics;
    private final StatsSampler sampler;

    /** Measures on this machine, as its cgroups are mounted now. */
    public static Measurements of(Node node) throws IOException {
        return new Measurements(node, CgroupUsage.of(Cgroups.detect(node.linux()).layout()));
    }

    private Measurements(Node node, CgroupUsage usage) {
        var snapshotters = node.storage().snapshotters();
        var cgroups =
                new PodCgroups(
                        pod -> new CgroupPath(CgroupPlan.parent(node, pod)),
                        (pod, container) -> new CgroupPath(CgroupPlan.leaf(node, pod, container)));
        var sources =
                new Sources(
                        usage,
                        cgroups,
                        new CpuRates(),
                        new LayerUsages(snapshotters::usage, node.clock()),
                        node.settings().root());
        var containers = new ContainerFigures(sources, node.clock(), System::nanoTime);
        var pods =
                new PodFigures(
                        sources,
                        containers,
                        pod -> node.networks().netnsPath(pod.id().value()),
                        node.clock());
        this.containerStats = new ContainerStats(node, containers);
        this.listContainerStats = new ListContainerStats(node, containers);
        this.podSandboxStats = new PodSandboxStats(node, pods);
        this.listPodSandboxStats = new ListPodSandboxStats(node, pods);
        var metrics = new ContainerMetrics(sources, () -> fileSystem(node, sources), node.clock());
        this.listPodSandboxMetrics = new ListPodSandboxMetrics(node, new PodMetrics(pods, metrics));
        this.sampler =
                new StatsSampler(node.sandboxes(), node.containers(), sources, System::nanoTime);
    }

    private static Optional<LayerFileSystem> fileSystem(Node node, Sources sources) {
        try {
            var id = node.linux().lstat(sources.layerRoot()).id();
            return Optional.of(
                    new LayerFileSystem(
                            BlockDevices.name(id.deviceMajor(), id.deviceMinor()),
                            node.linux().statfs(sources.layerRoot())));
        } catch (LinuxException failed) {
            LOG.log(
                    Logger.Level.WARNING,
                    "metrics: the file system of containers is not measured: {0}",
                    failed.getMessage());
            return Optional.empty();
        }
    }

    /** Begins to take samples. */
    public void start() {
        sampler.start();
    }

    public ContainerStatsResponse containerStats(String containerId) {
        return containerStats.run(containerId);
    }

    public ListContainerStatsResponse listContainerStats(ContainerStatsFilter filter) {
        return listContainerStats.run(filter);
    }

    /** What {@link #listContainerStats} lists, one by one. */
    public Stream<io.berth.cri.v1.ContainerStats> streamContainerStats(
            ContainerStatsFilter filter) {
        return listContainerStats.items(filter);
    }

    public PodSandboxStatsResponse podSandboxStats(String podSandboxId) {
        return podSandboxStats.run(podSandboxId);
    }

    public ListPodSandboxStatsResponse listPodSandboxStats(PodSandboxStatsFilter filter) {
        return listPodSandboxStats.run(filter);
    }

    /** What {@link #listPodSandboxStats} lists, one by one. */
    public Stream<io.berth.cri.v1.PodSandboxStats> streamPodSandboxStats(
            PodSandboxStatsFilter filter) {
        return listPodSandboxStats.items(filter);
    }

    public ListMetricDescriptorsResponse listMetricDescriptors() {
        return ListMetricDescriptors.run();
    }

    public ListPodSandboxMetricsResponse listPodSandboxMetrics() {
        return listPodSandboxMetrics.run();
    }

    /** What {@link #listPodSandboxMetrics} lists, one by one. */
    public Stream<PodSandboxMetrics> streamPodSandboxMetrics() {
        return listPodSandboxMetrics.items();
    }

    @Override
    public void close() {
        sampler.close();
    }
}
