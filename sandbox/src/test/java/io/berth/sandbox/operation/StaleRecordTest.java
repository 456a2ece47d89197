package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.PortForwardRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.shimclient.shim.ShimScript;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What waits for the recovery of a pod goes by the records as they are afterwards. */
@Timeout(120)
class StaleRecordTest {
    @TempDir(factory = ShortFolder.class)
    Path folder;

    private NodeRig rig;
    private SandboxId pod;
    private ContainerId app;

    @BeforeEach
    void aContainerWhoseStartIsCutByTheDaemonsEnd() throws IOException {
        rig = NodeRig.open(folder);
        pod = rig.runPod("web");
        app = rig.createContainer(pod, "app");
        rig.shim(pod).script().next("Start", ShimScript.Moment.AFTER, _ -> rig.leaveShims());
        assertThatThrownBy(() -> rig.sandboxes().startContainer(app.value()))
                .hasMessageContaining("given up");
        rig.stop();
        rig.startUnrecovered();
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Created.class);
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    /** A caller that waits no longer, as a kubelet before its retry. */
    private void impatiently(Runnable call) {
        var until = rig.clock().instant().plusMillis(300);
        assertThatThrownBy(() -> ScopedValue.where(RequestDeadline.UNTIL, until).run(call))
                .isInstanceOf(SandboxException.StillRunning.class)
                .hasMessageContaining("at stage 'recovery'");
    }

    @Test
    void retriedStartKeepsTheContainerThatItAsksFor() {
        impatiently(() -> rig.sandboxes().startContainer(app.value()));
        assertThat(rig.recover()).isTrue();
        assertThatThrownBy(() -> rig.sandboxes().startContainer(app.value()))
                .hasMessageContaining("only a created one can be started");
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
        assertThat(rig.shims().runs(app.value())).isTrue();
    }

    @Test
    void commandRunsInAContainerThatRecoveryFindsRunning() {
        var request =
                ExecSyncRequest.newBuilder().setContainerId(app.value()).addCmd("true").build();
        var running = NodeRig.async(() -> rig.sandboxes().execSync(request));
        assertThat(rig.recover()).isTrue();
        assertThat(running.join().getExitCode()).isZero();
    }

    @Test
    void portOfAPodIsNotForwardedWhoseShimRecoveryFindsGone() {
        rig.shim(pod).die();
        var request = PortForwardRequest.newBuilder().setPodSandboxId(pod.value()).addPort(80);
        var checked = NodeRig.async(() -> rig.sandboxes().checkPortForward(request.build()));
        assertThat(rig.recover()).isTrue();
        assertThatThrownBy(checked::join)
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("a ready one is wanted");
    }
}
