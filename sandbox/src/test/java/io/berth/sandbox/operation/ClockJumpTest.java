package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.sandbox.SandboxState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pod's life while the clock is set forward and back. */
@Timeout(120)
class ClockJumpTest {
    @TempDir(factory = ShortFolder.class)
    Path folder;

    @Test
    void newerAttemptIsCreatedLaterWhateverTheClockSays() throws IOException {
        try (var rig = NodeRig.open(folder)) {
            var first = rig.runPod("web");
            rig.sandboxes().stopPodSandbox(first.value());
            rig.clock().move(Duration.ofHours(-3));
            var config = rig.podConfig("web");
            config.getMetadataBuilder().setAttempt(1);
            var second = rig.runPod(config);
            var sandboxes = rig.node().sandboxes();
            assertThat(sandboxes.find(second).orElseThrow().createdAt())
                    .isAfter(sandboxes.find(first).orElseThrow().createdAt());

            var before = rig.runContainer(second, "app");
            rig.clock().move(Duration.ofHours(-3));
            var again = rig.containerConfig("app");
            again.getMetadataBuilder().setAttempt(1);
            var after = rig.runContainer(second, again);
            var containers = rig.node().containers();
            assertThat(containers.find(after).orElseThrow().createdAt())
                    .isAfter(containers.find(before).orElseThrow().createdAt());
        }
    }

    @Test
    void podLivesItsLifeThroughJumps() throws IOException {
        try (var rig = NodeRig.open(folder)) {
            var pod = rig.runPod("web");
            rig.clock().move(Duration.ofDays(400));
            var app = rig.createContainer(pod, "app");
            rig.clock().move(Duration.ofDays(-800));
            rig.sandboxes().startContainer(app.value());
            rig.restart();
            rig.clock().move(Duration.ofDays(1));
            assertThat(rig.state(pod)).isInstanceOf(SandboxState.Ready.class);
            assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
            rig.clock().move(Duration.ofDays(-1));
            rig.sandboxes().stopContainer(app.value(), 30);
            rig.clock().move(Duration.ofDays(5));
            rig.sandboxes().removePodSandbox(pod.value());
            assertThat(rig.node().sandboxes().all()).isEmpty();
            assertThat(rig.findings()).isEmpty();
        }
    }
}
