package io.berth.sandbox.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Errno;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.shimclient.shim.ShimScript;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A rig does for pods what a node does, and what it is told breaks. */
@Timeout(120)
class NodeRigTest {
    @TempDir(factory = ShortFolder.class)
    Path folder;

    private NodeRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = NodeRig.open(folder);
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    void podLivesFromRunToRemove() throws IOException {
        var pod = rig.runPod("web");
        assertThat(rig.state(pod)).isInstanceOf(SandboxState.Ready.class);
        var app = rig.runContainer(pod, "app");
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
        assertThat(rig.shims().runs(app.value())).isTrue();

        rig.sandboxes().stopContainer(app.value(), 10);
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Exited.class);
        rig.sandboxes().removeContainer(app.value());
        rig.sandboxes().stopPodSandbox(pod.value());
        rig.sandboxes().removePodSandbox(pod.value());
        nothingIsLeft();
        assertThat(rig.plugins().calls()).containsExactly("ADD " + pod, "DEL " + pod);
    }

    private void nothingIsLeft() throws IOException {
        assertThat(rig.node().sandboxes().all()).isEmpty();
        assertThat(rig.node().containers().all()).isEmpty();
        assertThat(rig.shims().alive()).isEmpty();
        assertThat(rig.kernel().mounts()).isEmpty();
        assertThat(rig.findings()).isEmpty();
    }

    @Test
    void outputIsInTheLogAndTheExitCodeOnRecord() throws IOException {
        var pod = rig.runPod("web");
        var app = rig.runContainer(pod, rig.script("app", "echo out; echo err >&2; exit 7"));
        rig.awaitExit(app);
        assertThat(rig.state(app))
                .isInstanceOfSatisfying(
                        ContainerState.Exited.class,
                        exited -> assertThat(exited.code()).isEqualTo(7));
        assertThat(rig.log("web", "app"))
                .anyMatch(line -> line.endsWith(" stdout F out"))
                .anyMatch(line -> line.endsWith(" stderr F err"));
    }

    @Test
    void podsOutliveTheirDaemon() throws IOException {
        var pod = rig.runPod("web");
        var app = rig.runContainer(pod, "app");
        int shim = rig.shim(pod).pid();
        rig.restart();
        assertThat(rig.state(pod)).isInstanceOf(SandboxState.Ready.class);
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
        assertThat(rig.shim(pod).pid()).isEqualTo(shim);
        rig.sandboxes().removePodSandbox(pod.value());
        nothingIsLeft();
    }

    @Test
    void shimsPluginsAndKernelFailAsTheyAreTold() throws IOException {
        rig.plugins().failNext("ADD", "no address left");
        assertThatThrownBy(() -> rig.runPod("web")).hasMessageContaining("no address left");
        rig.shims().script().failNext("start", "shim out of order");
        assertThatThrownBy(() -> rig.runPod("web")).hasMessageContaining("shim out of order");
        rig.linux().failNext("mount", Errno.ENOMEM);
        assertThatThrownBy(() -> rig.runPod("web")).hasMessageContaining("ENOMEM");
        nothingIsLeft();

        var pod = rig.runPod("web");
        rig.shim(pod).script().failNext("Start", "no such program");
        assertThatThrownBy(() -> rig.runContainer(pod, "app"))
                .hasMessageContaining("no such program");
        rig.sandboxes().removePodSandbox(pod.value());
        nothingIsLeft();
    }

    @Test
    void callsWaitUntilTheyAreLetGo() throws IOException {
        try (var add = rig.plugins().hold("ADD")) {
            var running = NodeRig.async(() -> rig.runPod("web"));
            add.awaitCall();
            assertThat(running).isNotDone();
            add.release();
            var pod = running.join();
            var app = rig.createContainer(pod, "app");
            var start = rig.shim(pod).script().hold("Start", ShimScript.Moment.BEFORE);
            var starting = NodeRig.async(() -> rig.sandboxes().startContainer(app.value()));
            start.awaitCall();
            assertThat(rig.state(app)).isInstanceOf(ContainerState.Created.class);
            start.release();
            starting.join();
            assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
        }
    }

    @Test
    void deathOfAShimIsNoticed() throws IOException {
        var pod = rig.runPod("web");
        var app = rig.runContainer(pod, "app");
        rig.shim(pod).die();
        rig.awaitExit(app);
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Exited.class);
        assertThat(rig.shims().runs(app.value())).isFalse();
        rig.sandboxes().removePodSandbox(pod.value());
        nothingIsLeft();
    }
}
