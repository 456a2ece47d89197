package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.ContainerStatsRequest;
import io.berth.e2e.nri.NodePlugin;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import io.berth.nri.v1.ContainerAdjustment;
import io.berth.nri.v1.ContainerUpdate;
import io.berth.nri.v1.CreateContainerRequest;
import io.berth.nri.v1.StartContainerRequest;
import io.berth.nri.v1.UpdateContainersRequest;
import io.berth.nri.v1.UpdateContainersResponse;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Plugins of the node that ask for what is seldom asked for, and more of it than is usual. */
class HardPluginTest extends PluginTest {
    @Test
    void aContainersCgroupIsWhereAPluginPutsItAndGoesWithIt() throws IOException {
        var parent = node.folders().cgroupParent();
        plugin("10-move")
                .on(
                        "CreateContainer",
                        request -> {
                            var asked = CreateContainerRequest.parseFrom(request);
                            var adjust = ContainerAdjustment.newBuilder();
                            adjust.getLinuxBuilder()
                                    .setCgroupsPath(
                                            "%s/%s/moved"
                                                    .formatted(parent, asked.getPod().getId()));
                            return response(adjust.build());
                        })
                .register()
                .awaitSynchronized();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("main", FOREVER).build());
        var told = plugins.getFirst().awaitTold("PostStartContainer", id);
        var pid = told.parse(StartContainerRequest.parser()).getContainer().getPid();
        var path = "%s/%s/moved".formatted(parent, sandbox);
        var lies = Path.of("/proc", Integer.toString(pid), "cgroup");
        assertThat(Files.readAllLines(lies)).anyMatch(line -> line.endsWith(":" + path));
        var stats =
                node.client()
                        .runtime()
                        .containerStats(
                                ContainerStatsRequest.newBuilder().setContainerId(id).build());
        assertThat(stats.getStats().getMemory().getUsageBytes().getValue()).isPositive();
        fails(
                Status.Code.UNKNOWN,
                () -> kubelet.create(sandbox, pod, kubelet.shell("second", "true").build()));
        kubelet.stop(id, 0);
        kubelet.remove(id);
        for (var hierarchy : List.of("", "/memory", "/unified")) {
            assertThat(Path.of("/sys/fs/cgroup" + hierarchy + path)).doesNotExist();
        }
        kubelet.end(sandbox);
    }

    @Test
    void oneThatRegistersTwiceIsToldSoAndGoesOn() throws IOException {
        var plugin = plugin("10-twice").register().awaitSynchronized();
        assertThatThrownBy(plugin::registerAgain)
                .isInstanceOf(NodePlugin.Refusal.class)
                .hasMessageContaining("is registered");
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        plugin.awaitTold("RunPodSandbox", sandbox);
        kubelet.end(sandbox);
    }

    @Test
    void aFloodOfUpdatesHoldsNobodyUp() throws IOException {
        var plugin = plugin("10-flood").register().awaitSynchronized();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("main", FOREVER).build());
        var flood = UpdateContainersRequest.newBuilder();
        for (int i = 0; i < 200; i++) {
            flood.addUpdate(ContainerUpdate.newBuilder().setContainerId("nobody-" + i));
        }
        var asked = new ArrayList<CompletableFuture<UpdateContainersResponse>>();
        for (int i = 0; i < 8; i++) {
            asked.add(CompletableFuture.supplyAsync(() -> updated(plugin, flood.build())));
        }
        var other = kubelet.run(kubelet.pod().build());
        plugin.awaitTold("RunPodSandbox", other);
        kubelet.end(other);
        assertThat(asked).allMatch(answer -> answer.join().getFailedCount() == 0);
        var update = ContainerUpdate.newBuilder().setContainerId(id);
        update.getLinuxBuilder().setResources(limit(64 << 20));
        plugin.update(UpdateContainersRequest.newBuilder().addUpdate(update).build());
        assertThat(kubelet.status(id).getResources().getLinux().getMemoryLimitInBytes())
                .isEqualTo(64 << 20);
        kubelet.end(sandbox);
    }

    private static UpdateContainersResponse updated(
            NodePlugin plugin, UpdateContainersRequest request) {
        try {
            return plugin.update(request);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theNextDaemonSynchronizesPluginsWithWhatRunsOn() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var runs = kubelet.launch(sandbox, pod, kubelet.shell("runs", FOREVER).build());
        var waits = kubelet.create(sandbox, pod, kubelet.shell("waits", "true").build());
        var over = kubelet.launch(sandbox, pod, kubelet.shell("over", "true").build());
        kubelet.exited(over);
        node.kill();
        node.restart(Map.of());
        var socket = node.folders().pluginSocket();
        Waiting.until("socket " + socket, Kubelet.SOON, () -> Files.exists(socket));
        var plugin = plugin("10-next").register().awaitSynchronized();
        assertThat(plugin.synchronizedContainers()).containsExactlyInAnyOrder(runs, waits);
        kubelet.end(sandbox);
        assertThat(plugin.told(runs)).containsExactly("StopContainer", "RemoveContainer");
        assertThat(plugin.told(sandbox)).containsExactly("StopPodSandbox", "RemovePodSandbox");
    }
}
