package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.PodSandboxState;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The daemon's end, however it comes, disturbs no container, and the next one finds them. */
class RestartTest extends NodeTest {
    private static final String COUNT =
            "trap 'echo end; exit 5' TERM; i=0; while :; do i=$((i+1)); echo $i; usleep 2000; done";

    /** A shim that is halted is waited for as long as a test wants, also on a slow machine. */
    @Override
    TestNode started() throws IOException {
        return TestNode.start(Map.of(), _ -> "[timeouts]\nshim_adopt = \"10m\"\n");
    }

    /** Something that ends the daemon. */
    private interface End {
        void daemon() throws IOException;
    }

    @Test
    void podsOutliveAKill() throws IOException {
        outlive(() -> node.kill());
    }

    @Test
    void podsOutliveACleanEnd() throws IOException {
        outlive(() -> assertThat(node.daemon().terminate()).isIn(0, 143));
    }

    private void outlive(End end) throws IOException {
        var shared = Files.createDirectories(node.folders().top().resolve("go"));
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var ip = kubelet.podStatus(sandbox).getNetwork().getIp();
        var counting = kubelet.shell("counting", COUNT);
        var ending =
                kubelet.shell(
                        "ending", "echo up; until [ -e /go/now ]; do usleep 20000; done; exit 6");
        ending.addMountsBuilder().setHostPath(shared.toString()).setContainerPath("/go");
        var countingId = kubelet.launch(sandbox, pod, counting.build());
        var endingId = kubelet.launch(sandbox, pod, ending.build());
        var log = Kubelet.log(pod, counting);
        kubelet.awaitLine(Kubelet.log(pod, ending), "up");
        kubelet.awaitLine(log, "20");

        end.daemon();
        var written = Files.size(log);
        Files.createFile(shared.resolve("now"));
        Waiting.until(
                "output while no daemon runs",
                Kubelet.SOON,
                () -> Files.size(log) > written + 1000 && !running(shared));
        node.restart(Map.of());

        assertThat(kubelet.podStatus(sandbox).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(kubelet.podStatus(sandbox).getNetwork().getIp()).isEqualTo(ip);
        assertThat(kubelet.exited(endingId).getExitCode()).isEqualTo(6);
        assertThat(kubelet.status(countingId).getState())
                .isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(kubelet.exec(countingId, "echo", "hi").getStdout().toStringUtf8())
                .isEqualTo("hi\n");
        var more = kubelet.shell("more", "echo new").build();
        assertThat(kubelet.exited(kubelet.launch(sandbox, pod, more)).getExitCode()).isZero();
        kubelet.stop(countingId, 30);
        assertThat(kubelet.status(countingId).getExitCode()).isEqualTo(5);
        complete(log);
        kubelet.end(sandbox);
        Files.delete(shared.resolve("now"));
    }

    /** Whether a process still waits for the file in the shared folder. */
    private static boolean running(Path shared) throws IOException {
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                var command = read(process.resolve("cmdline"));
                if (command.contains("until [ -e /go/now ]")
                        && read(process.resolve("mountinfo")).contains(shared.toString())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException ended) {
            return "";
        }
    }

    /** Every number from 1 on, each once, and the last words. */
    private static void complete(Path log) throws IOException {
        var texts = LogLine.texts(log, "stdout");
        List<String> wanted =
                new ArrayList<>(
                        IntStream.range(1, texts.size()).mapToObj(Integer::toString).toList());
        wanted.add("end");
        assertThat(texts).containsExactlyElementsOf(wanted);
    }

    @Test
    void whatWasCreatedOrExitedIsTheSameAfterwards() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var created = kubelet.create(sandbox, pod, kubelet.shell("created", "exit 3").build());
        var exited = kubelet.launch(sandbox, pod, kubelet.shell("exited", "exit 8").build());
        var before = kubelet.exited(exited);
        var stopped = kubelet.pod().build();
        var stoppedSandbox = kubelet.run(stopped);
        kubelet.stopPod(stoppedSandbox);
        node.kill();
        node.restart(Map.of());
        assertThat(kubelet.status(exited)).isEqualTo(before);
        assertThat(kubelet.status(created).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        assertThat(kubelet.podStatus(stoppedSandbox).getState())
                .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        kubelet.start(created);
        assertThat(kubelet.exited(created).getExitCode()).isEqualTo(3);
    }

    @Test
    void aPodWhoseShimDiedIsSeenStoppedAndRemoved() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("c", "echo up; sleep 1000");
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        killShim(sandbox);
        Waiting.until(
                "the pod seen as not ready",
                Kubelet.SOON,
                () -> kubelet.podStatus(sandbox).getState() == PodSandboxState.SANDBOX_NOTREADY);
        assertThat(kubelet.exited(id).getExitCode()).isNotZero();
    }

    @Test
    void aShimThatDiesWhileNoDaemonRunsIsSeenToo() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("c", "echo up; sleep 1000");
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        node.kill();
        killShim(sandbox);
        node.restart(Map.of());
        Waiting.until(
                "the pod seen as not ready",
                Kubelet.SOON,
                () -> kubelet.podStatus(sandbox).getState() == PodSandboxState.SANDBOX_NOTREADY);
        assertThat(kubelet.exited(id).getExitCode()).isNotZero();
    }

    @Test
    void podsOutliveTheEndOfADaemonThatWasTakingThemBack() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("c", "echo up; sleep 1000");
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        var shims = shims(sandbox);
        node.kill();
        signal(shims, "-STOP");
        try {
            node.restart(Map.of());
            assertThat(node.daemon().terminate()).isIn(0, 143);
        } finally {
            signal(shims, "-CONT");
        }
        node.restart(Map.of());

        assertThat(kubelet.exec(id, "echo", "hi").getStdout().toStringUtf8()).isEqualTo("hi\n");
        assertThat(kubelet.podStatus(sandbox).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(shims(sandbox)).isEqualTo(shims);
    }

    private static void signal(List<ProcessHandle> processes, String signal) throws IOException {
        for (var process : processes) {
            Command.need(Kubelet.SOON, "kill", signal, Long.toString(process.pid()));
        }
    }

    private static void killShim(String sandbox) {
        shims(sandbox).forEach(ProcessHandle::destroyForcibly);
    }

    private static List<ProcessHandle> shims(String sandbox) {
        var shims =
                ProcessHandle.allProcesses()
                        .filter(p -> p.info().commandLine().orElse("").contains("-id " + sandbox))
                        .toList();
        assertThat(shims).as("shims of the pod").isNotEmpty();
        return shims;
    }
}
