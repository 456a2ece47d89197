package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.berth.cri.v1.AttachRequest;
import io.berth.cri.v1.CheckpointContainerRequest;
import io.berth.cri.v1.CheckpointPodRequest;
import io.berth.cri.v1.ContainerFilter;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.ExecRequest;
import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.PodSandboxFilter;
import io.berth.cri.v1.PortForwardRequest;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.cri.v1.StopContainerRequest;
import io.berth.cri.v1.UpdateContainerResourcesRequest;
import io.berth.cri.v1.UpdatePodSandboxResourcesRequest;
import io.berth.cri.v1.UpdateRuntimeConfigRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.spec.FieldPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No odd value in any field of a request is answered as a fault of the node, or leaves a thing. */
@Timeout(300)
class OddRequestsTest {
    private static final int MOST_QUOTED = 500;

    @TempDir(factory = ShortFolder.class)
    Path folder;

    private final List<String> faults = new ArrayList<>();
    private NodeRig rig;
    private SandboxId pod;
    private ContainerId app;

    @BeforeEach
    void open() throws IOException {
        rig = NodeRig.open(folder);
        rig.node().runtimes().start(); // mounts with mapped ids wait for what it finds
        pod = rig.runPod("web");
        app = rig.runContainer(pod, "app");
    }

    @AfterEach
    void close() throws IOException {
        rig.node().runtimes().close();
        rig.close();
    }

    /** Makes the call with each odd variant of a request, as the endpoint does. */
    private <Q extends Message> void each(Class<Q> type, Message request, Consumer<Q> call) {
        OddRequests.of(
                request,
                (odd, message) -> {
                    try {
                        FieldPolicy.check(message);
                        call.accept(type.cast(message));
                    } catch (RuntimeException failure) {
                        if (!isRefusal(failure)) {
                            var text = type.getSimpleName() + " " + odd + ": " + failure;
                            faults.add(text.substring(0, Math.min(text.length(), MOST_QUOTED)));
                        }
                    }
                });
    }

    /** Neither INTERNAL nor UNKNOWN, save for volumes of images, whose word kubelets look for. */
    private static boolean isRefusal(RuntimeException failure) {
        return String.valueOf(failure.getMessage()).startsWith("ImageVolumeMountFailed: config.")
                || failure instanceof SandboxException.InvalidRequest
                || failure instanceof SandboxException.NotFound
                || failure instanceof SandboxException.WrongState
                || failure instanceof SandboxException.AlreadyExists
                || failure instanceof SandboxException.TimedOut;
    }

    private void nothingIsLeft() throws IOException {
        assertThat(faults).isEmpty();
        assertThat(rig.node().sandboxes().all()).hasSize(1);
        assertThat(rig.node().containers().all()).hasSize(1);
        assertThat(rig.findings()).isEmpty();
    }

    @Test
    void podsAreMadeOrRefused() throws IOException {
        each(
                RunPodSandboxRequest.class,
                RunPodSandboxRequest.newBuilder().setConfig(rig.podConfig("odd")).build(),
                odd -> {
                    var made = rig.sandboxes().runPodSandbox(odd);
                    rig.sandboxes().removePodSandbox(made.value());
                });
        nothingIsLeft();
    }

    @Test
    void containersAreMadeOrRefused() throws IOException {
        var container = rig.containerConfig("odd");
        container.addMountsBuilder().setContainerPath("/mnt").setHostPath(folder.toString());
        container.addDevicesBuilder().setContainerPath("/dev/a").setHostPath("/dev/null");
        each(
                CreateContainerRequest.class,
                CreateContainerRequest.newBuilder()
                        .setPodSandboxId(pod.value())
                        .setConfig(container)
                        .setSandboxConfig(rig.podConfig("web").clearLinux())
                        .build(),
                odd -> {
                    var made = rig.sandboxes().createContainer(odd);
                    rig.sandboxes().removeContainer(made.value());
                });
        nothingIsLeft();
    }

    @Test
    void changesAreMadeOrRefused() throws IOException {
        each(
                UpdateContainerResourcesRequest.class,
                UpdateContainerResourcesRequest.newBuilder().setContainerId(app.value()).build(),
                rig.sandboxes()::updateContainerResources);
        each(
                UpdatePodSandboxResourcesRequest.class,
                UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId(pod.value()).build(),
                rig.sandboxes()::updatePodSandboxResources);
        each(
                UpdateRuntimeConfigRequest.class,
                UpdateRuntimeConfigRequest.getDefaultInstance(),
                rig.sandboxes()::updateRuntimeConfig);
        nothingIsLeft();
    }

    @Test
    void sessionsAreOpenedOrRefused() throws IOException {
        var id = app.value();
        each(
                ExecRequest.class,
                ExecRequest.newBuilder().setContainerId(id).addCmd("true").setStdout(true).build(),
                rig.sandboxes()::checkExec);
        each(
                AttachRequest.class,
                AttachRequest.newBuilder().setContainerId(id).setStdout(true).build(),
                rig.sandboxes()::checkAttach);
        each(
                PortForwardRequest.class,
                PortForwardRequest.newBuilder().setPodSandboxId(pod.value()).addPort(80).build(),
                rig.sandboxes()::checkPortForward);
        each(
                ExecSyncRequest.class,
                ExecSyncRequest.newBuilder()
                        .setContainerId(id)
                        .addCmd("true")
                        .setTimeout(1)
                        .build(),
                odd -> {
                    var _ = rig.sandboxes().execSync(odd);
                });
        nothingIsLeft();
    }

    @Test
    void checkpointsAreMadeOrRefused() throws IOException {
        each(
                CheckpointContainerRequest.class,
                CheckpointContainerRequest.newBuilder()
                        .setContainerId(app.value())
                        .setLocation("relative")
                        .build(),
                rig.sandboxes()::checkpointContainer);
        each(
                CheckpointPodRequest.class,
                CheckpointPodRequest.newBuilder()
                        .setPodSandboxId(pod.value())
                        .setOutputPath("relative")
                        .build(),
                rig.sandboxes()::checkpointPod);
        each(
                RestorePodRequest.class,
                RestorePodRequest.newBuilder().setCheckpointPath("relative").build(),
                odd -> {
                    var _ = rig.sandboxes().restorePod(odd);
                });
        nothingIsLeft();
    }

    @Test
    void namesOfNothingAreFoundOrNot() throws IOException {
        for (var id : List.of("", "a\nb", "..", "/", "x".repeat(5000), "ü")) {
            for (var call : ofIds()) {
                try {
                    call.accept(id);
                } catch (RuntimeException failure) {
                    if (!isRefusal(failure)) {
                        faults.add("'" + id.length() + "': " + failure);
                    }
                }
            }
        }
        each(
                PodSandboxFilter.class,
                PodSandboxFilter.getDefaultInstance(),
                filter -> {
                    var _ = rig.sandboxes().listPodSandbox(filter);
                });
        each(
                ContainerFilter.class,
                ContainerFilter.getDefaultInstance(),
                filter -> {
                    var _ = rig.sandboxes().listContainers(filter);
                });
        each(
                StopContainerRequest.class,
                StopContainerRequest.newBuilder().setContainerId(app.value()).build(),
                odd -> rig.sandboxes().stopContainer(odd.getContainerId(), odd.getTimeout()));
        nothingIsLeft();
    }

    private List<Consumer<String>> ofIds() {
        var calls = rig.sandboxes();
        return List.of(
                calls::stopPodSandbox,
                calls::startContainer,
                calls::reopenContainerLog,
                id -> {
                    var _ = calls.podSandboxStatus(id, true);
                },
                id -> {
                    var _ = calls.containerStatus(id, true);
                });
    }
}
