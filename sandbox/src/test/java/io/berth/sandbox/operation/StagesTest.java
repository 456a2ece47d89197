package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxFaults;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.shimclient.shim.ShimScript;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An operation that takes long names the party that it waits for. */
@Timeout(120)
class StagesTest {
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

    /** What a caller is told who joins, and has no time left. */
    private AbstractThrowableAssert<?, ? extends Throwable> told(Runnable call) {
        var until = rig.clock().instant();
        return assertThatThrownBy(() -> ScopedValue.where(RequestDeadline.UNTIL, until).run(call))
                .isInstanceOf(SandboxException.StillRunning.class);
    }

    @Test
    void hangingAddIsNotTakenForTheShimsStart() throws IOException {
        try (var add = rig.plugins().hold("ADD")) {
            var running = NodeRig.async(() -> rig.runPod("web"));
            add.awaitCall();
            NodeRig.await("the shim", () -> rig.shims().alive().size() == 1);
            NodeRig.await("its bundle", () -> rig.node().shims().find(onlyPod()).isPresent());
            told(() -> rig.runPod("web"))
                    .hasMessageContaining("at stage 'cni.add' for")
                    .hasMessageNotContaining("shim.start");
            add.release();
            running.join();
        }
    }

    private io.berth.sandbox.sandbox.SandboxId onlyPod() {
        return rig.node().sandboxes().all().iterator().next().id();
    }

    @Test
    void hangingDelIsNotTakenForAPlugin() throws IOException {
        var pod = rig.runPod("web");
        try (var del = rig.plugins().hold("DEL")) {
            var stopping = NodeRig.async(() -> rig.sandboxes().stopPodSandbox(pod.value()));
            del.awaitCall();
            NodeRig.await("the end of the shim", () -> rig.shims().alive().isEmpty());
            NodeRig.await(
                    "the end of its folders",
                    () -> !rig.folder().resolve("bundles").resolve(pod.value()).toFile().exists());
            told(() -> rig.sandboxes().stopPodSandbox(pod.value()))
                    .hasMessageContaining("cni.remove")
                    .hasMessageNotContaining("nri");
            del.release();
            stopping.join();
        }
    }

    @Test
    void allThatGoesOnIsNamedAndTheLongestFirst() throws IOException {
        var pod = rig.runPod("web");
        try (var del = rig.plugins().hold("DEL")) {
            var delete = rig.shim(pod).script().hold("Delete", ShimScript.Moment.BEFORE);
            var stopping = NodeRig.async(() -> rig.sandboxes().stopPodSandbox(pod.value()));
            del.awaitCall();
            delete.awaitCall();
            told(() -> rig.sandboxes().stopPodSandbox(pod.value()))
                    .hasMessageMatching(
                            "(?s).*at stages '[a-z.-]+' for [0-9.]+ s and '[a-z.-]+' for .*")
                    .hasMessageContaining("'task.remove'");
            delete.release();
            del.release();
            stopping.join();
        }
    }

    @Test
    void removersHaveStagesOfTheirOwn() throws IOException {
        var pod = rig.runPod("web");
        LinuxFaults.Held umount = rig.linux().hold("umount", "/shm/");
        var stopping = NodeRig.async(() -> rig.sandboxes().stopPodSandbox(pod.value()));
        umount.awaitCall();
        NodeRig.await("the end of the network", () -> calls(rig) == 2);
        told(() -> rig.sandboxes().stopPodSandbox(pod.value()))
                .hasMessageContaining("'mount.remove'");
        umount.release();
        stopping.join();
    }

    private static int calls(NodeRig rig) {
        try {
            return rig.plugins().calls().size();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
