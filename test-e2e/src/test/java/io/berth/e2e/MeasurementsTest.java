package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerStats;
import io.berth.cri.v1.ContainerStatsFilter;
import io.berth.cri.v1.ContainerStatsRequest;
import io.berth.cri.v1.ImageFsInfoRequest;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.ListContainerStatsRequest;
import io.berth.cri.v1.ListMetricDescriptorsRequest;
import io.berth.cri.v1.ListPodSandboxMetricsRequest;
import io.berth.cri.v1.ListPodSandboxStatsRequest;
import io.berth.cri.v1.Metric;
import io.berth.cri.v1.MetricDescriptor;
import io.berth.cri.v1.NetworkInterfaceUsage;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxStats;
import io.berth.cri.v1.PodSandboxStatsFilter;
import io.berth.cri.v1.PodSandboxStatsRequest;
import io.berth.cri.v1.StreamContainerStatsRequest;
import io.berth.cri.v1.StreamPodSandboxMetricsRequest;
import io.berth.cri.v1.StreamPodSandboxStatsRequest;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What pods and containers use, from real cgroups and interfaces. */
class MeasurementsTest extends NodeTest {
    private static final long LIMIT = 64 << 20;
    private static final String BUSY =
            "dd if=/dev/zero of=/written bs=1024 count=2048; echo up; while :; do :; done";

    @Test
    void aBusyContainersFiguresAreItsOwn() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = busy(sandbox, pod, "busy");
        var first = stats(id);
        Waiting.until(
                "a rate and a hundred milliseconds of processor time",
                Kubelet.SOON,
                () -> {
                    var now = stats(id).getCpu();
                    long used =
                            now.getUsageCoreNanoSeconds().getValue()
                                    - first.getCpu().getUsageCoreNanoSeconds().getValue();
                    return used > 100_000_000 && now.getUsageNanoCores().getValue() > 0;
                },
                () -> stats(id).toString());
        var stats = stats(id);
        assertThat(stats.getAttributes().getId()).isEqualTo(id);
        assertThat(stats.getAttributes().getMetadata().getName()).isEqualTo("busy");
        assertThat(stats.getCpu().getTimestamp()).isGreaterThan(first.getCpu().getTimestamp());
        assertThat(stats.getMemory().getTimestamp()).isPositive();
        var used = stats.getMemory();
        assertThat(used.getUsageBytes().getValue()).isBetween(1L, LIMIT);
        assertThat(used.getWorkingSetBytes().getValue())
                .isBetween(1L, used.getUsageBytes().getValue());
        assertThat(used.getAvailableBytes().getValue())
                .isEqualTo(LIMIT - used.getWorkingSetBytes().getValue());
        assertThat(used.getPageFaults().getValue()).isPositive();
        assertThat(stats.getWritableLayer().getUsedBytes().getValue()).isGreaterThan(2 << 20);
        assertThat(stats.getWritableLayer().getInodesUsed().getValue()).isGreaterThan(1);
        assertThat(stats.getWritableLayer().getFsId())
                .as("the file system that ImageFsInfo names")
                .isEqualTo(
                        node.client()
                                .images()
                                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                                .getContainerFilesystems(0)
                                .getFsId());
    }

    @Test
    void aPodsFiguresHoldItsContainersAndItsTraffic() throws IOException {
        var pod = kubelet.pod().putLabels("measured", "yes").build();
        var sandbox = kubelet.run(pod);
        var id = busy(sandbox, pod, "one");
        var ip = kubelet.podStatus(sandbox).getNetwork().getIp();
        var gateway = ip.substring(0, ip.lastIndexOf('.')) + ".1";
        kubelet.exec(id, "sh", "-c", "echo | nc -w 1 " + gateway + " 1; true");
        Waiting.until(
                "traffic",
                Kubelet.SOON,
                () ->
                        pod(sandbox)
                                        .getLinux()
                                        .getNetwork()
                                        .getDefaultInterface()
                                        .getTxBytes()
                                        .getValue()
                                > 0,
                () -> pod(sandbox).getLinux().getNetwork().toString());
        var stats = pod(sandbox);
        assertThat(stats.getAttributes().getMetadata()).isEqualTo(pod.getMetadata());
        var linux = stats.getLinux();
        assertThat(linux.getCpu().getUsageCoreNanoSeconds().getValue()).isPositive();
        assertThat(linux.getMemory().getUsageBytes().getValue()).isPositive();
        assertThat(linux.getNetwork().getDefaultInterface().getName()).isEqualTo("eth0");
        assertThat(linux.getNetwork().getInterfacesList())
                .extracting(NetworkInterfaceUsage::getName)
                .containsExactly("eth0");
        assertThat(linux.getProcess().getProcessCount().getValue()).isPositive();
        assertThat(linux.getContainersList())
                .extracting(c -> c.getAttributes().getId())
                .containsExactly(id);
        kubelet.stopPod(sandbox);
        fails(Status.Code.FAILED_PRECONDITION, () -> pod(sandbox), sandbox, "ready");
        fails(Status.Code.NOT_FOUND, () -> pod("no-such-pod"));
    }

    @Test
    void listsTakeEveryFilterAndShowWhatDoesNotRunWithoutItsUse() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var running =
                kubelet.launch(
                        sandbox,
                        pod,
                        kubelet.shell("running", "while :; do sleep 1; done")
                                .putLabels("kind", "a")
                                .build());
        var exited = kubelet.launch(sandbox, pod, kubelet.shell("exited", "true").build());
        kubelet.exited(exited);
        var other = kubelet.pod().putLabels("kind", "b").build();
        var second = kubelet.run(other);
        var created = kubelet.create(second, other, kubelet.shell("created", "true").build());

        assertThat(ids(list(ContainerStatsFilter.newBuilder())))
                .containsExactly(running, exited, created);
        assertThat(ids(list(ContainerStatsFilter.newBuilder().setId(exited.substring(0, 12)))))
                .containsExactly(exited);
        assertThat(ids(list(ContainerStatsFilter.newBuilder().setPodSandboxId(second))))
                .containsExactly(created);
        assertThat(ids(list(ContainerStatsFilter.newBuilder().putLabelSelector("kind", "a"))))
                .containsExactly(running);
        var without = list(ContainerStatsFilter.newBuilder().setId(exited)).getFirst();
        assertThat(without.hasCpu() || without.hasMemory()).isFalse();
        assertThat(without.hasWritableLayer()).isTrue();
        assertThat(stats(created).hasCpu()).isFalse();

        var runtime = node.client().runtime();
        var streamed = new ArrayList<ContainerStats>();
        runtime.streamContainerStats(StreamContainerStatsRequest.getDefaultInstance())
                .forEachRemaining(portion -> streamed.addAll(portion.getContainerStatsList()));
        assertThat(ids(streamed)).containsExactly(running, exited, created);

        assertThat(pods(PodSandboxStatsFilter.newBuilder())).containsExactly(sandbox, second);
        assertThat(pods(PodSandboxStatsFilter.newBuilder().setId(sandbox)))
                .containsExactly(sandbox);
        assertThat(pods(PodSandboxStatsFilter.newBuilder().putLabelSelector("kind", "b")))
                .containsExactly(second);
        kubelet.stopPod(second);
        var request = StreamPodSandboxStatsRequest.getDefaultInstance();
        assertThat(runtime.streamPodSandboxStats(request).next().getPodSandboxStatsList())
                .extracting(p -> p.getAttributes().getId())
                .containsExactly(sandbox);
        fails(Status.Code.NOT_FOUND, () -> stats("no-such-container"));
    }

    @Test
    void everyMetricOfARunningContainerBearsItsDeclaredLabels() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = busy(sandbox, pod, "counted");
        var runtime = node.client().runtime();
        var declared =
                runtime
                        .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
                        .getDescriptorsList()
                        .stream()
                        .collect(
                                Collectors.toMap(
                                        MetricDescriptor::getName,
                                        MetricDescriptor::getLabelKeysCount));
        assertThat(declared).hasSizeGreaterThanOrEqualTo(56);
        var listed =
                runtime.listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
                        .getPodMetricsList();
        assertThat(listed).hasSize(1);
        assertThat(listed.getFirst().getPodSandboxId()).isEqualTo(sandbox);
        var ofPod = listed.getFirst().getMetricsList();
        assertThat(ofPod)
                .filteredOn(m -> m.getName().equals("container_network_transmit_bytes_total"))
                .extracting(m -> List.copyOf(m.getLabelValuesList()))
                .containsExactly(
                        List.of(pod.getMetadata().getName(), "e2e", "", sandbox, "", "eth0"));
        assertThat(listed.getFirst().getContainerMetricsList()).hasSize(1);
        var container = listed.getFirst().getContainerMetrics(0);
        assertThat(container.getContainerId()).isEqualTo(id);
        var values =
                container.getMetricsList().stream()
                        .collect(
                                Collectors.toMap(
                                        Metric::getName, m -> m.getValue().getValue(), Long::max));
        assertThat(values)
                .containsEntry("container_spec_cpu_quota", 20_000L)
                .containsEntry("container_spec_cpu_period", 100_000L)
                .containsEntry("container_spec_memory_limit_bytes", LIMIT)
                .containsEntry("container_processes", 1L)
                .containsKeys(
                        "container_memory_swap",
                        "container_memory_kernel_usage",
                        "container_memory_max_usage_bytes",
                        "container_memory_failures_total",
                        "container_oom_events_total",
                        "container_fs_inodes_free",
                        "container_sockets",
                        "container_ulimits_soft",
                        "container_threads_max");
        assertThat(values.get("container_fs_usage_bytes")).isGreaterThan(2 << 20);
        assertThat(values.get("container_file_descriptors")).isPositive();
        assertThat(Stream.concat(ofPod.stream(), container.getMetricsList().stream()))
                .allSatisfy(
                        metric -> {
                            assertThat(declared)
                                    .containsEntry(metric.getName(), metric.getLabelValuesCount());
                        });
        var streamed =
                runtime.streamPodSandboxMetrics(
                        StreamPodSandboxMetricsRequest.getDefaultInstance());
        assertThat(streamed.next().getPodSandboxMetricsList()).hasSize(1);
        assertThat(streamed.hasNext()).isFalse();
    }

    private String busy(String sandbox, PodSandboxConfig pod, String name) throws IOException {
        var config =
                kubelet.shell(name, BUSY)
                        .setLinux(
                                LinuxContainerConfig.newBuilder()
                                        .setResources(
                                                LinuxContainerResources.newBuilder()
                                                        .setCpuPeriod(100_000)
                                                        .setCpuQuota(20_000)
                                                        .setMemoryLimitInBytes(LIMIT)))
                        .build();
        var id = kubelet.launch(sandbox, pod, config);
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        return id;
    }

    private ContainerStats stats(String id) {
        return node.client()
                .runtime()
                .containerStats(ContainerStatsRequest.newBuilder().setContainerId(id).build())
                .getStats();
    }

    private PodSandboxStats pod(String id) {
        return node.client()
                .runtime()
                .podSandboxStats(PodSandboxStatsRequest.newBuilder().setPodSandboxId(id).build())
                .getStats();
    }

    private List<ContainerStats> list(ContainerStatsFilter.Builder filter) {
        return node.client()
                .runtime()
                .listContainerStats(
                        ListContainerStatsRequest.newBuilder().setFilter(filter).build())
                .getStatsList();
    }

    private static List<String> ids(List<ContainerStats> stats) {
        return stats.stream().map(each -> each.getAttributes().getId()).toList();
    }

    private List<String> pods(PodSandboxStatsFilter.Builder filter) {
        return node
                .client()
                .runtime()
                .listPodSandboxStats(
                        ListPodSandboxStatsRequest.newBuilder().setFilter(filter).build())
                .getStatsList()
                .stream()
                .map(each -> each.getAttributes().getId())
                .toList();
    }
}
