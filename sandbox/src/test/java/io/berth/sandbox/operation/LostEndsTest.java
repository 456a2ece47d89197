package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ExecSyncRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.exit.ProcessEnd;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.sandbox.SandboxState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shims lose the ends of processes under load; callers are answered all the same. */
@Timeout(240)
class LostEndsTest {
    private static final int MANY = 60;
    private static final int ROUNDS = 3;

    /** Every so many ends one is lost: more than real shims were seen to lose. */
    private static final int EVERY = 7;

    /** Callers are promised 10 s, on a machine that does nothing else. */
    private static final Duration PROMISED = Duration.ofSeconds(30);

    /** For so long a shim was believed that said nothing of an end. */
    private static final Duration BELIEVED = Duration.ofMinutes(1);

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

    private static ExecSyncRequest command(ContainerId id, String... words) {
        return ExecSyncRequest.newBuilder()
                .setContainerId(id.value())
                .addAllCmd(List.of(words))
                .build();
    }

    /** How long a call took; the code of a lost end may be known to nobody. */
    private Duration answered(ContainerId id) {
        long begun = System.nanoTime();
        try {
            assertThat(rig.sandboxes().execSync(command(id, "true")).getExitCode()).isZero();
        } catch (SandboxException.Failed lost) {
            assertThat(lost).hasMessageContaining(ProcessEnd.LOST);
        }
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    @Test
    void allOfManyCallersAtOnceAreAnsweredInTime() {
        var app = rig.runContainer(rig.runPod("web"), "app");
        rig.shims().script().loseEnds(EVERY);
        for (int round = 0; round < ROUNDS; round++) {
            var calls = new ArrayList<CompletableFuture<Duration>>();
            for (int i = 0; i < MANY; i++) {
                calls.add(NodeRig.async(() -> answered(app)));
            }
            assertThat(calls).allSatisfy(call -> assertThat(call.join()).isLessThan(PROMISED));
        }
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
    }

    @Test
    void podOfManyContainersStopsAndGoes() throws IOException {
        var pod = rig.runPod("web");
        rig.shims().script().loseEnds(EVERY);
        var containers = new ArrayList<ContainerId>();
        for (int i = 0; i < MANY; i++) {
            containers.add(rig.runContainer(pod, "c" + i));
        }
        long begun = System.nanoTime();
        rig.sandboxes().stopPodSandbox(pod.value());
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(BELIEVED);
        assertThat(containers)
                .allSatisfy(
                        id -> assertThat(rig.state(id)).isInstanceOf(ContainerState.Exited.class));
        assertThat(rig.state(pod)).isInstanceOf(SandboxState.Stopped.class);
        rig.sandboxes().removePodSandbox(pod.value());
        assertThat(rig.findings()).isEmpty();
    }

    @Test
    void commandOfAnEarlierDaemonGoesThoughItsEndIsLost() throws IOException {
        var app = rig.runContainer(rig.runPod("web"), "app");
        rig.shims().script().loseEnds(1);
        var call = NodeRig.async(() -> rig.sandboxes().execSync(command(app, "sleep", "1000")));
        NodeRig.await("the command", () -> runs(app));
        rig.leaveShims();
        assertThat(call.handle((_, failure) -> failure).join()).isNotNull();
        rig.stop();
        assertThat(fifos(app)).isNotEmpty();

        rig.startUnrecovered();
        assertThat(rig.recover()).isTrue();
        NodeRig.await("the end of what is left of it", () -> fifos(app).isEmpty());
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
    }

    private boolean runs(ContainerId id) {
        var pod = rig.node().containers().find(id).orElseThrow().sandbox();
        return rig.shim(pod).calls().stream().anyMatch(it -> it.startsWith("Wait " + id + "/"));
    }

    private List<String> fifos(ContainerId id) {
        try (Stream<Path> files = Files.list(rig.node().paths().io(id))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.startsWith("exec-"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
