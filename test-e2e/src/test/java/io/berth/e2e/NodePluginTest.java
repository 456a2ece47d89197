package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.PodSandboxState;
import io.berth.e2e.nri.NodePlugin;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.nri.v1.CDIDevice;
import io.berth.nri.v1.ContainerAdjustment;
import io.berth.nri.v1.ContainerEviction;
import io.berth.nri.v1.ContainerUpdate;
import io.berth.nri.v1.CreateContainerRequest;
import io.berth.nri.v1.Empty;
import io.berth.nri.v1.KeyValue;
import io.berth.nri.v1.Mount;
import io.berth.nri.v1.POSIXRlimit;
import io.berth.nri.v1.PodSandbox;
import io.berth.nri.v1.RunPodSandboxRequest;
import io.berth.nri.v1.StartContainerRequest;
import io.berth.nri.v1.SynchronizeRequest;
import io.berth.nri.v1.UpdateContainersRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What plugins of the node are told, in which order, and what they may change. */
class NodePluginTest extends PluginTest {
    @Test
    void everyStepOfAPodsLifeIsToldInOrder() throws IOException {
        var plugin = plugin("10-order").register().awaitSynchronized();
        var pod = kubelet.pod().putLabels("k", "v").build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("main", FOREVER).build());
        kubelet.stop(id, 0);
        kubelet.remove(id);
        kubelet.stopPod(sandbox);
        kubelet.stopPod(sandbox);
        fails(
                Status.Code.FAILED_PRECONDITION,
                () -> kubelet.create(sandbox, pod, kubelet.shell("late", "true").build()));
        kubelet.removePod(sandbox);
        kubelet.removePod(sandbox);

        assertThat(plugin.told(sandbox))
                .containsExactly("RunPodSandbox", "StopPodSandbox", "RemovePodSandbox");
        assertThat(plugin.told(id))
                .containsExactly(
                        "CreateContainer",
                        "ValidateContainerAdjustment",
                        "PostCreateContainer",
                        "StartContainer",
                        "PostStartContainer",
                        "StopContainer",
                        "RemoveContainer");
        assertThat(plugin.all("CreateContainer").stream().filter(c -> !c.subject().equals(id)))
                .isEmpty();
        PodSandbox told =
                plugin.all("RunPodSandbox")
                        .getFirst()
                        .parse(RunPodSandboxRequest.parser())
                        .getPod();
        assertThat(told.getName()).isEqualTo(pod.getMetadata().getName());
        assertThat(told.getNamespace()).isEqualTo("e2e");
        assertThat(told.getUid()).isEqualTo(pod.getMetadata().getUid());
        assertThat(told.getLabelsMap()).containsEntry("k", "v");
        assertThat(told.getIpsList()).isNotEmpty();
        assertThat(told.getPid()).isPositive();
        var started = plugin.all("PostStartContainer").getFirst();
        var container = started.parse(StartContainerRequest.parser()).getContainer();
        var waiting = plugin.all("StartContainer").getFirst().parse(StartContainerRequest.parser());
        assertThat(waiting.getContainer().getPid()).isEqualTo(container.getPid());
        assertThat(container.getName()).isEqualTo("main");
        assertThat(container.getPid()).isPositive();
        assertThat(container.getArgsList()).contains(FOREVER);
        assertThat(plugin.configuration().getRuntimeName()).isEqualTo("berth");
    }

    @Test
    void anEndOfItsOwnIsToldWithoutAnyCall() throws IOException {
        var plugin = plugin("10-end").register().awaitSynchronized();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("main", "exit 3").build());
        var told =
                plugin.awaitTold("StopContainer", id)
                        .parse(StartContainerRequest.parser())
                        .getContainer();
        assertThat(told.getExitCode()).isEqualTo(3);
        assertThat(told.getState()).isEqualTo(io.berth.nri.v1.ContainerState.CONTAINER_STOPPED);
        kubelet.remove(id);
        assertThat(plugin.told(id)).endsWith("StopContainer", "RemoveContainer");
        assertThat(plugin.told(id)).containsOnlyOnce("StopContainer");
    }

    @Test
    void whatPluginsAdjustIsSeenInsideTheContainer() throws IOException {
        var file = Files.writeString(node.folders().top().resolve("given"), "from the plugin\n");
        var adjust =
                ContainerAdjustment.newBuilder()
                        .addEnv(KeyValue.newBuilder().setKey("GIVEN").setValue("yes"))
                        .addEnv(KeyValue.newBuilder().setKey("-TAKEN"))
                        .addMounts(
                                Mount.newBuilder()
                                        .setDestination("/given")
                                        .setType("bind")
                                        .setSource(file.toString())
                                        .addOptions("bind")
                                        .addOptions("ro"))
                        .addRlimits(
                                POSIXRlimit.newBuilder()
                                        .setType("RLIMIT_NOFILE")
                                        .setSoft(123)
                                        .setHard(456));
        Files.writeString(
                Files.createDirectories(node.folders().top().resolve("cdi")).resolve("nri.yaml"),
                """
                cdiVersion: 0.6.0
                kind: plugin.example/thing
                devices: [{name: one, containerEdits: {env: [VENDOR=one]}}]
                """);
        adjust.addCDIDevices(CDIDevice.newBuilder().setName("plugin.example/thing=one"));
        adjust.getLinuxBuilder()
                .setResources(limit(48 << 20))
                .getOomScoreAdjBuilder()
                .setValue(777);
        plugin("10-adjust")
                .on("CreateContainer", _ -> response(adjust.build()))
                .register()
                .awaitSynchronized();
        var second = plugin("20-second").register().awaitSynchronized();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var script =
                "echo env=$GIVEN,$TAKEN,$VENDOR; cat /given; echo files=$(ulimit -n); echo"
                        + " score=$(cat /proc/self/oom_score_adj); echo"
                        + " mem=$(cat /sys/fs/cgroup/memory/memory.limit_in_bytes"
                        + " /sys/fs/cgroup/memory.max 2>/dev/null)";
        var config =
                kubelet.shell("main", script)
                        .addEnvs(
                                io.berth.cri.v1.KeyValue.newBuilder()
                                        .setKey("TAKEN")
                                        .setValue(ByteString.copyFromUtf8("still here")))
                        .build();
        var id = kubelet.launch(sandbox, pod, config);
        assertThat(kubelet.exited(id).getExitCode()).isZero();
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout"))
                .containsExactly(
                        "env=yes,,one",
                        "from the plugin",
                        "files=123",
                        "score=777",
                        "mem=" + (48 << 20));
        var seen =
                second.all("CreateContainer")
                        .getFirst()
                        .parse(CreateContainerRequest.parser())
                        .getContainer();
        assertThat(seen.getEnvList()).contains("GIVEN=yes").noneMatch(e -> e.startsWith("TAKEN"));
    }

    @Test
    void twoPluginsThatSetTheSameAreNamed() throws IOException {
        var same =
                ContainerAdjustment.newBuilder()
                        .addEnv(KeyValue.newBuilder().setKey("BOTH").setValue("x"))
                        .build();
        plugin("10-one").on("CreateContainer", _ -> response(same)).register().awaitSynchronized();
        plugin("20-two").on("CreateContainer", _ -> response(same)).register().awaitSynchronized();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var failed =
                failure(() -> kubelet.create(sandbox, pod, kubelet.shell("main", "true").build()));
        assertThat(failed.getDescription()).contains("10-one", "20-two", "BOTH");
        assertThat(containers()).isZero();
    }

    @Test
    void whatIsBeingMadeIsInvisibleUntilPluginsHaveAnswered() throws IOException {
        var release = new CountDownLatch(1);
        var plugin = plugin("10-slow").on("RunPodSandbox", _ -> held(release));
        plugin.register().awaitSynchronized();
        var pod = kubelet.pod().build();
        var running = CompletableFuture.supplyAsync(() -> kubelet.run(pod));
        NodePlugin.await(plugin.reached("RunPodSandbox"), "RunPodSandbox");
        var id = plugin.all("RunPodSandbox").getFirst().subject();
        var listed =
                node.client().runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        assertThat(listed.getItemsList()).noneMatch(each -> each.getId().equals(id));
        fails(Status.Code.NOT_FOUND, () -> kubelet.podStatus(id));
        fails(
                Status.Code.NOT_FOUND,
                () -> kubelet.create(id, pod, kubelet.shell("early", "true").build()));
        release.countDown();
        var sandbox = running.join();
        assertThat(kubelet.podStatus(sandbox).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);

        var again = new CountDownLatch(1);
        plugin.on("CreateContainer", _ -> held(again));
        var config = kubelet.shell("main", "true").build();
        var creating = CompletableFuture.supplyAsync(() -> kubelet.create(sandbox, pod, config));
        NodePlugin.await(plugin.reached("CreateContainer"), "CreateContainer");
        var container = plugin.all("CreateContainer").getFirst().subject();
        assertThat(containers()).isZero();
        fails(Status.Code.NOT_FOUND, () -> kubelet.status(container));
        again.countDown();
        assertThat(creating.join()).isEqualTo(container);
        assertThat(kubelet.status(container).getState())
                .isEqualTo(ContainerState.CONTAINER_CREATED);
    }

    @Test
    void aRefusalLeavesNothingAndARetryWorks() throws IOException {
        var refused = new AtomicBoolean();
        NodePlugin.Answer once =
                _ -> {
                    if (refused.compareAndSet(false, true)) {
                        throw new NodePlugin.Refusal("not today");
                    }
                    return Empty.getDefaultInstance();
                };
        var plugin = plugin("10-no").on("RunPodSandbox", once).register().awaitSynchronized();
        var pod = kubelet.pod().build();
        assertThat(failure(() -> kubelet.run(pod)).getDescription())
                .contains("10-no", "RunPodSandbox", "not today");
        var attempted = plugin.all("RunPodSandbox").getFirst().subject();
        fails(Status.Code.NOT_FOUND, () -> kubelet.podStatus(attempted));
        assertThat(plugin.told(attempted))
                .containsExactly("RunPodSandbox", "StopPodSandbox", "RemovePodSandbox");
        var sandbox = kubelet.run(pod);

        for (var method : List.of("CreateContainer", "StartContainer")) {
            refused.set(false);
            plugin.on(method, once);
            var config = kubelet.shell(method.toLowerCase(Locale.ROOT), "exit 0").build();
            assertThat(failure(() -> kubelet.launch(sandbox, pod, config)).getDescription())
                    .contains(method, "not today");
            plugin.on(method, _ -> Empty.getDefaultInstance());
        }
        assertThat(containers()).as("the one that was created").isEqualTo(1);
        var config = kubelet.shell("retry", "exit 0").build();
        assertThat(kubelet.exited(kubelet.launch(sandbox, pod, config)).getExitCode()).isZero();
    }

    @Test
    void thePodsStopIsToldAfterItsContainersAndBeforeItsNetworkGoes() throws IOException {
        var release = new CountDownLatch(1);
        var plugin = plugin("10-stop").on("StopPodSandbox", _ -> held(release));
        plugin.register().awaitSynchronized();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("main", FOREVER).build());
        var stopping = CompletableFuture.runAsync(() -> kubelet.stopPod(sandbox));
        NodePlugin.await(plugin.reached("StopPodSandbox"), "StopPodSandbox");
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(plugin.told(id)).contains("StopContainer");
        assertThat(kubelet.podStatus(sandbox).getId()).isEqualTo(sandbox);
        assertThat(node.folders().state().resolve("netns").resolve(sandbox)).exists();
        release.countDown();
        stopping.join();
        assertThat(plugin.told(sandbox)).containsOnlyOnce("StopPodSandbox");
    }

    @Test
    void aPluginThatComesLateLearnsOfEveryContainer() throws IOException {
        plugin("00-first").register().awaitSynchronized();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var before = kubelet.launch(sandbox, pod, kubelet.shell("before", FOREVER).build());
        var release = new CountDownLatch(1);
        var late = plugin("10-late").on("Synchronize", _ -> held(release)).register();
        NodePlugin.await(late.reached("Synchronize"), "Synchronize");
        var during = new ArrayList<CompletableFuture<String>>();
        for (int i = 0; i < 3; i++) {
            var config = kubelet.shell("during" + i, FOREVER).build();
            during.add(CompletableFuture.supplyAsync(() -> kubelet.launch(sandbox, pod, config)));
        }
        release.countDown();
        late.awaitSynchronized();
        var after = kubelet.launch(sandbox, pod, kubelet.shell("after", FOREVER).build());
        assertThat(late.synchronizedContainers()).contains(before).doesNotContain(after);
        assertThat(
                        late.all("Synchronize")
                                .getFirst()
                                .parse(SynchronizeRequest.parser())
                                .getPodsList())
                .anyMatch(each -> each.getId().equals(sandbox));
        for (var each : during) {
            var id = each.join();
            assertThat(
                            late.synchronizedContainers().contains(id)
                                    || late.told(id).contains("CreateContainer"))
                    .as("container %s reached the plugin", id)
                    .isTrue();
        }
        late.awaitTold("CreateContainer", after);
    }

    @Test
    void pluginsUpdateAndEvictContainersThatExist() throws IOException {
        var plugin = plugin("10-change").register().awaitSynchronized();
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("main", FOREVER).build());
        var update = ContainerUpdate.newBuilder().setContainerId(id);
        update.getLinuxBuilder().setResources(limit(64 << 20));
        var answer = plugin.update(UpdateContainersRequest.newBuilder().addUpdate(update).build());
        assertThat(answer.getFailedList()).isEmpty();
        assertThat(kubelet.status(id).getResources().getLinux().getMemoryLimitInBytes())
                .isEqualTo(64 << 20);
        plugin.update(
                UpdateContainersRequest.newBuilder()
                        .addEvict(
                                ContainerEviction.newBuilder()
                                        .setContainerId(id)
                                        .setReason("a test wants it"))
                        .build());
        assertThat(kubelet.exited(id).getExitCode()).isEqualTo(137);
    }

    private int containers() {
        return node.client()
                .runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersCount();
    }

    private static Empty held(CountDownLatch release) throws IOException {
        NodePlugin.await(release, "the test lets the plugin answer");
        return Empty.getDefaultInstance();
    }
}
