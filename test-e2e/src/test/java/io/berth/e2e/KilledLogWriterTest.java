package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerState;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A log writer that is killed is replaced: the container goes on, and its log says so. */
class KilledLogWriterTest extends NodeTest {
    private static final String COUNT =
            "trap 'echo end; exit 5' TERM; i=0; while :; do i=$((i+1)); echo $i; usleep 2000; done";

    /** Something that happens to the container's writer, and perhaps to the daemon. */
    private interface Blow {
        void strike(String container) throws IOException;
    }

    @Test
    void underOutput() throws IOException {
        goesOn(this::killWriter);
    }

    @Test
    void whileNoDaemonRuns() throws IOException {
        goesOn(
                container -> {
                    node.kill();
                    killWriter(container);
                    node.restart(Map.of());
                });
    }

    @Test
    void beforeADaemonsDeath() throws IOException {
        goesOn(
                container -> {
                    killWriter(container);
                    node.kill();
                    node.restart(Map.of());
                });
    }

    private void goesOn(Blow blow) throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("counting", COUNT);
        var id = kubelet.launch(sandbox, pod, config.build());
        var log = Kubelet.log(pod, config);
        kubelet.awaitLine(log, "20");
        blow.strike(id);
        Waiting.until("the line of the loss", Kubelet.SOON, () -> !losses(log).isEmpty());
        int told = LogLine.texts(log, "stdout").size();
        Waiting.until(
                "more output", Kubelet.SOON, () -> LogLine.texts(log, "stdout").size() > told + 50);
        kubelet.stop(id, 30);
        assertThat(kubelet.status(id).getExitCode()).isEqualTo(5);
        assertThat(LogLine.texts(log, "stdout")).contains("end");
        kubelet.end(sandbox);
    }

    @Test
    void aFastContainerIsNotBlockedForEver() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var shared = Files.createDirectories(node.folders().top().resolve("go-fast"));
        var config =
                kubelet.shell(
                        "fast",
                        "echo up; until [ -e /go/now ]; do usleep 20000; done;"
                                + " yes $(printf %0900d 7) | head -c 3000000; echo; echo done");
        config.addMountsBuilder().setHostPath(shared.toString()).setContainerPath("/go");
        var id = kubelet.launch(sandbox, pod, config.build());
        var log = Kubelet.log(pod, config);
        kubelet.awaitLine(log, "up");
        killWriter(id);
        Files.createFile(shared.resolve("now"));
        assertThat(kubelet.exited(id).getExitCode()).isZero();
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(LogLine.texts(log, "stdout")).contains("done");
        assertThat(losses(log)).isNotEmpty();
        kubelet.end(sandbox);
    }

    private static List<String> losses(Path log) throws IOException {
        return LogLine.texts(log, "stderr").stream()
                .filter(text -> text.contains("log writer was killed; output may be missing"))
                .toList();
    }

    private void killWriter(String container) {
        var control = node.folders().state().resolve("io").resolve(container).resolve("control");
        var writers =
                ProcessHandle.allProcesses()
                        .filter(
                                process ->
                                        process.info()
                                                .commandLine()
                                                .orElse("")
                                                .contains("--control " + control))
                        .toList();
        assertThat(writers).as("log writers of the container").hasSize(1);
        writers.getFirst().destroyForcibly();
    }
}
