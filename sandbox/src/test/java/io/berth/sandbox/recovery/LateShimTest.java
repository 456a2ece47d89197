package io.berth.sandbox.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.shimclient.ttrpc.StatusCode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shim that answers late after a restart costs its pod nothing. */
class LateShimTest {
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
    void itsPodStaysReadyAndIsLookedAtAgain() throws IOException {
        var pod = rig.runPod("web");
        var app = rig.runContainer(pod, "app");
        var script = rig.shim(pod).script();
        rig.stop();
        script.fail("State", StatusCode.DEADLINE_EXCEEDED, "no answer");
        rig.startUnrecovered();
        rig.recover();
        assertThat(rig.state(pod)).isInstanceOf(SandboxState.Ready.class);
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);

        script.heal();
        rig.shim(pod).killTask(app.value());
        rig.awaitExit(app); // so somebody looks again
        assertThat(rig.state(pod)).isInstanceOf(SandboxState.Ready.class);
        assertThat(rig.findings()).isEmpty();
    }

    @Test
    void itsPodMayBeStoppedMeanwhile() throws IOException {
        var pod = rig.runPod("web");
        rig.runContainer(pod, "app");
        var script = rig.shim(pod).script();
        rig.stop();
        script.fail("State", StatusCode.DEADLINE_EXCEEDED, "no answer");
        rig.startUnrecovered();
        rig.recover();
        script.heal();
        rig.sandboxes().stopPodSandbox(pod.value());
        rig.sandboxes().removePodSandbox(pod.value());
        assertThat(rig.findings()).isEmpty();
    }
}
