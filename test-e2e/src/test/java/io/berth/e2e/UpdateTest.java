package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatusRequest;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.PodSandboxStatusRequest;
import io.berth.cri.v1.UpdateContainerResourcesRequest;
import io.berth.cri.v1.UpdatePodSandboxResourcesRequest;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** New limits for pods and containers that are there, and what the kernel says of them. */
class UpdateTest extends NodeTest {
    private static final long MIB = 1 << 20;
    private static final String SHOW =
            "cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max";

    private ContainerConfig.Builder limited(String script) {
        var limits =
                LinuxContainerResources.newBuilder()
                        .setMemoryLimitInBytes(64 * MIB)
                        .setCpuPeriod(100_000)
                        .setCpuQuota(50_000)
                        .setCpuShares(256);
        return kubelet.shell("limited", script)
                .setLinux(LinuxContainerConfig.newBuilder().setResources(limits));
    }

    private String running() throws IOException {
        var pod = kubelet.pod().build();
        var config = limited("echo up; while :; do sleep 1; done").build();
        var id = kubelet.launch(kubelet.run(pod), pod, config);
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        return id;
    }

    private void update(String id, LinuxContainerResources.Builder limits) {
        var _ =
                node.client()
                        .runtime()
                        .updateContainerResources(
                                UpdateContainerResourcesRequest.newBuilder()
                                        .setContainerId(id)
                                        .setLinux(limits)
                                        .putAnnotations("some", "hint")
                                        .build());
    }

    private static LinuxContainerResources.Builder limits() {
        return LinuxContainerResources.newBuilder();
    }

    private LinuxContainerResources told(String id) {
        return kubelet.status(id).getResources().getLinux();
    }

    private String memoryOf(String id) {
        return kubelet.exec(id, "sh", "-c", SHOW).getStdout().toStringUtf8().strip();
    }

    /** The container's first process in the host's /proc. */
    private Path process(String id) {
        var verbose = ContainerStatusRequest.newBuilder().setContainerId(id).setVerbose(true);
        var info = node.client().runtime().containerStatus(verbose.build()).getInfoMap();
        var pid = Pattern.compile("\"pid\":([0-9]+)").matcher(info.getOrDefault("info", ""));
        assertThat(pid.find()).as("%s", info).isTrue();
        return Path.of("/proc", pid.group(1));
    }

    @Test
    void aRunningContainerGetsWhatIsSetAndKeepsTheRest() throws IOException {
        var id = running();
        assertThat(memoryOf(id)).isEqualTo(Long.toString(64 * MIB));
        update(id, limits().setMemoryLimitInBytes(96 * MIB).setCpuShares(512));
        assertThat(memoryOf(id)).isEqualTo(Long.toString(96 * MIB));
        var told = told(id);
        assertThat(told.getMemoryLimitInBytes()).isEqualTo(96 * MIB);
        assertThat(told.getCpuShares()).isEqualTo(512);
        assertThat(told.getCpuQuota()).isEqualTo(50_000);
        update(id, limits().setMemoryLimitInBytes(80 * MIB).setOomScoreAdj(900));
        assertThat(memoryOf(id)).isEqualTo(Long.toString(80 * MIB));
        assertThat(Files.readString(process(id).resolve("oom_score_adj"))).isEqualTo("900\n");
        var before = told(id);
        node.kill();
        node.restart(Map.of());
        assertThat(told(id)).isEqualTo(before);
        update(id, limits().setMemoryLimitInBytes(100 * MIB));
        assertThat(memoryOf(id)).isEqualTo(Long.toString(100 * MIB));
    }

    @Test
    void aCreatedContainerStartsWithTheNewLimits() throws IOException {
        var pod = kubelet.pod().build();
        var config = limited(SHOW).build();
        var id = kubelet.create(kubelet.run(pod), pod, config);
        update(id, limits().setMemoryLimitInBytes(48 * MIB));
        node.kill();
        node.restart(Map.of());
        assertThat(told(id).getMemoryLimitInBytes()).isEqualTo(48 * MIB);
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        kubelet.start(id);
        assertThat(kubelet.exited(id).getExitCode()).isZero();
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout"))
                .containsExactly(Long.toString(48 * MIB));
    }

    @Test
    void whatIsRefusedChangesNothing() throws IOException {
        var id = running();
        var before = told(id);
        fails(
                Status.Code.INVALID_ARGUMENT,
                () -> update(id, limits().setMemoryLimitInBytes(96 * MIB).setCpuQuota(-7)),
                "linux.cpu_quota: found -7");
        // The kernel's refusal: no machine has this cpu.
        var refused =
                failure(
                        () ->
                                update(
                                        id,
                                        limits().setMemoryLimitInBytes(96 * MIB)
                                                .setCpusetCpus("99999")));
        assertThat(refused.getDescription()).contains(id);
        assertThat(told(id)).isEqualTo(before);
        assertThat(memoryOf(id)).isEqualTo(Long.toString(64 * MIB));
        var config = node.folders().state().resolve("bundles").resolve(id).resolve("config.json");
        assertThat(Files.readString(config)).doesNotContain("99999");
        kubelet.stop(id, 0);
        fails(
                Status.Code.FAILED_PRECONDITION,
                () -> update(id, limits().setCpuShares(512)),
                "is exited");
        fails(Status.Code.NOT_FOUND, () -> update("no-such-container", limits().setCpuShares(512)));
        assertThat(told(id)).isEqualTo(before);
    }

    @Test
    void aPodsOverheadAndSumAreKept() throws IOException {
        var sandbox = kubelet.run(kubelet.pod().build());
        var _ =
                node.client()
                        .runtime()
                        .updatePodSandboxResources(
                                UpdatePodSandboxResourcesRequest.newBuilder()
                                        .setPodSandboxId(sandbox)
                                        .setOverhead(limits().setMemoryLimitInBytes(3 * MIB))
                                        .setResources(limits().setCpuShares(777))
                                        .build());
        node.kill();
        node.restart(Map.of());
        var status =
                node.client()
                        .runtime()
                        .podSandboxStatus(
                                PodSandboxStatusRequest.newBuilder()
                                        .setPodSandboxId(sandbox)
                                        .setVerbose(true)
                                        .build());
        assertThat(status.getInfoMap().get("info"))
                .contains("\"overhead\":{\"memory_limit_in_bytes\":" + 3 * MIB + "}")
                .contains("\"resources\":{\"cpu_shares\":777}");
        var nobody =
                UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId("nobody").build();
        fails(
                Status.Code.NOT_FOUND,
                () -> node.client().runtime().updatePodSandboxResources(nobody));
    }
}
