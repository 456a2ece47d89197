package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.PodSandboxState;
import io.berth.e2e.cri.Audit;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A node whose state folder lies behind a symbolic link. */
class LinkedStateTest extends NodeTest {

    @Test
    void podsLiveThroughRestartsAndLeaveNothing() throws IOException {
        assertThat(node.daemon().terminate()).isIn(0, 143);
        var link = node.folders().state();
        var real = link.resolveSibling("behind");
        Files.move(link, real);
        Files.createSymbolicLink(link, real);
        node.restart(Map.of());
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var container =
                kubelet.launch(
                        sandbox, pod, kubelet.shell("c", "while :; do sleep 1; done").build());

        node.kill();
        var leaked = Files.createDirectory(real.resolve("io").resolve("e".repeat(64)));
        node.restart(Map.of());
        assertThat(kubelet.podStatus(sandbox).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(kubelet.status(container).getState())
                .isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(kubelet.exec(container, "echo", "hi").getStdout().toStringUtf8())
                .isEqualTo("hi\n");
        Waiting.until(
                "what nobody owns is seen and removed",
                Kubelet.SOON,
                () -> Files.notExists(leaked));
        kubelet.end(sandbox);
        assertThat(Audit.findings(node.client())).isEmpty();

        assertThat(node.daemon().terminate()).isIn(0, 143);
        putBack(link, real);
    }

    private static void putBack(Path link, Path real) throws IOException {
        Files.delete(link);
        Files.move(real, link);
    }
}
