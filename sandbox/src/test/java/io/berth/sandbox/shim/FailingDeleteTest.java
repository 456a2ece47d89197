package io.berth.sandbox.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.step.Steps;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.shimclient.shim.ShimScript;
import io.berth.shimclient.ttrpc.StatusCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An OCI runtime whose delete fails, once or always, as its shim tells it. */
class FailingDeleteTest {
    private static final String REFUSAL = "runc did not terminate successfully: exit status 1";

    @TempDir(factory = ShortFolder.class)
    Path top;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aContainerIsRemovedWithoutTheRuntimesDelete(boolean once) throws IOException {
        try (var rig = NodeRig.open(top)) {
            var pod = rig.runPod("web");
            var container = rig.runContainer(pod, "app");
            if (once) {
                rig.shim(pod).script().failNext("Delete", REFUSAL);
            } else {
                rig.shim(pod).script().fail("Delete", StatusCode.UNKNOWN, REFUSAL);
            }
            rig.sandboxes().stopContainer(container.value(), 0);
            rig.sandboxes().removeContainer(container.value());
            assertThat(rig.node().containers().find(container)).isEmpty();
            assertThat(rig.findings()).isEmpty();
            var next = rig.runContainer(pod, "next");
            rig.sandboxes().removeContainer(next.value());
            rig.sandboxes().stopPodSandbox(pod.value());
            rig.sandboxes().removePodSandbox(pod.value());
            assertThat(rig.findings()).isEmpty();
        }
    }

    @Test
    void aRestoreThatHangsEndsWithItsContainer() throws IOException, InterruptedException {
        try (var rig = NodeRig.open(top)) {
            var pod = rig.runPod("web");
            var container = rig.createContainer(pod, "app");
            var folder = rig.node().paths().restore(container);
            Steps.run("test", "", () -> rig.node().files().createDirectories(folder, 0700));
            var criu = top.resolve("criu");
            Files.copy(Path.of("/bin/sleep"), criu);
            assertThat(criu.toFile().setExecutable(true)).isTrue();
            var hung =
                    new ProcessBuilder(criu.toString(), "1000").directory(folder.toFile()).start();
            // Its shim is gone: nobody else would end it.
            rig.shim(pod).script().dieNext("State", ShimScript.Moment.BEFORE);
            rig.sandboxes().removeContainer(container.value());
            assertThat(hung.waitFor()).isNotZero();
            Steps.run("test", "", () -> rig.node().files().deleteTree(folder));
            rig.sandboxes().stopPodSandbox(pod.value());
            rig.sandboxes().removePodSandbox(pod.value());
        }
    }
}
