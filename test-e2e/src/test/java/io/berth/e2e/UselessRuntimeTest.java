package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.PodSandboxState;
import io.berth.e2e.node.NodeConfig;
import io.berth.e2e.node.NodeFolders;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pods whose OCI runtime or whose shim no longer does its part are stopped and removed all the
 * same, soon, and the log says who failed.
 */
class UselessRuntimeTest extends NodeTest {
    /** Far less than the minute for which a kill through the runtime was believed. */
    private static final Duration SOON = Duration.ofSeconds(40);

    @Override
    TestNode started() throws IOException {
        return TestNode.start(Map.of(), UselessRuntimeTest::handlers);
    }

    private static String handlers(NodeFolders folders) throws IOException {
        var program = runc(folders);
        Files.writeString(
                program,
                """
                #!/bin/sh
                fault=$(cat "%s" 2>/dev/null)
                for word; do
                  case "$fault:$word" in
                    kill:kill | delete:delete | any:*) echo "faulty runc: no $word" >&2; exit 1 ;;
                    deaf:kill) exit 0 ;;
                  esac
                done
                exec /usr/sbin/runc "$@"
                """
                        .formatted(folders.top().resolve("fault")));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        var shim = "/usr/local/lib/berth/shims/v3/containerd-shim-runc-v2";
        return "[runtimes.handlers.faulty]\nshim = \"%s\"\nbinary = \"%s\"\n"
                        .formatted(shim, program)
                + "[runtimes.handlers.leaving]\nshim = \"%s\"\n".formatted(shim);
    }

    private static Path runc(NodeFolders folders) {
        return folders.top().resolve("faulty-runc");
    }

    @AfterEach
    void mend() throws IOException {
        Files.deleteIfExists(node.folders().top().resolve("fault"));
    }

    private record Running(String sandbox, String container, String words) {}

    private Running running(String handler) throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod, handler);
        var words = "sleep 77%d".formatted(System.nanoTime() % 1_000_000 + 1_000_000);
        var config = kubelet.shell("c", "echo up; %s & %s; wait".formatted(words, words));
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        return new Running(sandbox, id, words.replace(' ', '\0'));
    }

    private static boolean anyRuns(String words) throws IOException {
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                try {
                    if (Files.readString(process.resolve("cmdline")).contains(words)) {
                        return true;
                    }
                } catch (IOException ended) {
                    assertThat(process).isNotNull();
                }
            }
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kill", "deaf", "delete", "any"})
    void podOfARuntimeThatFailsIsStoppedAndRemoved(String fault) throws IOException {
        var running = running("faulty");
        Files.writeString(node.folders().top().resolve("fault"), fault);
        var begun = Instant.now();
        kubelet.stop(running.container(), 0);
        assertThat(anyRuns(running.words())).isFalse();
        var status = kubelet.status(running.container());
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getExitCode()).isEqualTo(137);
        kubelet.end(running.sandbox());
        assertThat(Duration.between(begun, Instant.now())).isLessThan(SOON);
        if (!fault.equals("deaf")) {
            assertThat(Files.readString(node.folders().daemonLog()))
                    .contains("faulty runc: no " + (fault.equals("any") ? "" : fault));
        }
    }

    @Test
    void podOfARuntimeThatIsGoneIsStoppedAndRemoved() throws IOException {
        var running = running("faulty");
        var program = runc(node.folders());
        var aside = program.resolveSibling("aside");
        Files.move(program, aside);
        try {
            var begun = Instant.now();
            kubelet.stop(running.container(), 0);
            assertThat(anyRuns(running.words())).isFalse();
            assertThat(kubelet.status(running.container()).getExitCode()).isEqualTo(137);
            kubelet.end(running.sandbox());
            assertThat(Duration.between(begun, Instant.now())).isLessThan(SOON);
            assertThat(Files.readString(node.folders().daemonLog()))
                    .contains("its OCI runtime cannot kill it; killed by its cgroup");
        } finally {
            Files.move(aside, program);
        }
    }

    @Test
    void podsOfAHandlerThatIsNoLongerConfiguredAreRemoved() throws IOException {
        var dead = running("leaving");
        kubelet.stop(dead.container(), 0);
        var alive = running("leaving");
        node.kill();
        signal(shims(dead.sandbox()), "-KILL");
        var config = Files.readString(node.folders().config());
        NodeConfig.write(node.folders());
        try {
            node.restart(Map.of());
            kubelet.end(dead.sandbox());
            kubelet.end(alive.sandbox());
            assertThat(anyRuns(alive.words())).isFalse();
        } finally {
            Files.writeString(node.folders().config(), config);
            node.kill();
            node.restart(Map.of());
        }
    }

    @Test
    void timeoutOfACommandHoldsWhileTheShimStandsStill() throws IOException {
        var running = running("leaving");
        var shims = shims(running.sandbox());
        signal(shims, "-STOP");
        try {
            var begun = Instant.now();
            fails(
                    Status.Code.DEADLINE_EXCEEDED,
                    () -> kubelet.execFor(running.container(), 2, "true"),
                    "within its timeout of 2 s");
            assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(9));
        } finally {
            signal(shims, "-CONT");
        }
        assertThat(kubelet.exec(running.container(), "echo", "hi").getStdout().toStringUtf8())
                .isEqualTo("hi\n");
    }

    @Test
    void podWhoseShimStandsStillAtARestartIsReadyWhenItGoesOn() throws IOException {
        var running = running("leaving");
        var shims = shims(running.sandbox());
        node.kill();
        signal(shims, "-STOP");
        try {
            node.restart(Map.of());
            Waiting.until(
                    "the shim found silent",
                    Kubelet.SOON,
                    () ->
                            Files.readString(node.folders().daemonLog())
                                    .contains(
                                            "sandbox=%s its shim does not answer"
                                                    .formatted(running.sandbox())));
            assertThat(kubelet.status(running.container()).getState())
                    .isEqualTo(ContainerState.CONTAINER_RUNNING);
            assertThat(kubelet.podStatus(running.sandbox()).getState())
                    .isEqualTo(PodSandboxState.SANDBOX_READY);
        } finally {
            signal(shims, "-CONT");
        }
        Waiting.until(
                "a command in the container",
                Kubelet.SOON,
                () -> {
                    try {
                        return kubelet.exec(running.container(), "true").getExitCode() == 0;
                    } catch (StatusRuntimeException notYet) {
                        return false;
                    }
                });
        kubelet.stop(running.container(), 0);
        assertThat(kubelet.status(running.container()).getExitCode()).isEqualTo(137);
    }

    @Test
    void containerWhoseShimDiedWhileNoDaemonRanHasNoProcess() throws IOException {
        var running = running("leaving");
        node.kill();
        signal(shims(running.sandbox()), "-KILL");
        node.restart(Map.of());
        assertThat(kubelet.exited(running.container()).getExitCode()).isEqualTo(255);
        assertThat(anyRuns(running.words())).isFalse();
    }

    private static List<ProcessHandle> shims(String sandbox) {
        return ProcessHandle.allProcesses()
                .filter(p -> p.info().commandLine().orElse("").contains("-id " + sandbox))
                .toList();
    }

    private static void signal(List<ProcessHandle> processes, String signal) throws IOException {
        assertThat(processes).isNotEmpty();
        for (var process : processes) {
            Command.need(Kubelet.SOON, "kill", signal, Long.toString(process.pid()));
        }
    }
}
