package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.PodSandboxState;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.cri.v1.Signal;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From RunPodSandbox to RemovePodSandbox, and what a kubelet relies on between. */
class PodLifeTest extends NodeTest {
    private static final String FOREVER = "trap 'exit 0' TERM; echo up; while :; do sleep 1; done";

    @Test
    void twoContainersShareAnAddressAndEachHasItsLog() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var status = kubelet.podStatus(sandbox);
        assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(status.getNetwork().getIp()).startsWith("10.");
        assertThat(status.getCreatedAt()).isPositive();
        assertThat(status.getMetadata()).isEqualTo(pod.getMetadata());
        var web = kubelet.shell("web", "echo serving; exec httpd -f -p 80 -h /www").build();
        var client =
                kubelet.shell(
                                "client",
                                "until wget -q -O - http://127.0.0.1/index.html; do usleep 50000;"
                                        + " done; echo problem >&2; printf unended")
                        .build();
        var webId = kubelet.launch(sandbox, pod, web);
        kubelet.awaitLine(Kubelet.log(pod, web), "serving");
        var clientId = kubelet.launch(sandbox, pod, client);
        var ended = kubelet.exited(clientId);
        assertThat(ended.getExitCode()).as("%s", ended).isZero();
        assertThat(ended.getReason()).isEqualTo("Completed");
        assertThat(ended.getFinishedAt()).isGreaterThanOrEqualTo(ended.getStartedAt());
        var log = Kubelet.log(pod, client);
        assertThat(LogLine.texts(log, "stdout"))
                .containsExactly("hello from " + node.folders().mark(), "unended");
        assertThat(LogLine.texts(log, "stderr")).containsExactly("problem");
        assertThat(LogLine.read(log).stream().filter(l -> l.text().equals("unended")).findFirst())
                .hasValueSatisfying(line -> assertThat(line.tag()).isEqualTo("P"));
        assertThat(kubelet.status(webId).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(kubelet.status(webId).getLogPath()).isEqualTo(Kubelet.log(pod, web).toString());
    }

    @Test
    void execAnswersOutputAndExitCodeApart() throws IOException {
        var id = forever();
        var answer = kubelet.exec(id, "sh", "-c", "echo out; echo err >&2; exit 3");
        assertThat(answer.getStdout().toStringUtf8()).isEqualTo("out\n");
        assertThat(answer.getStderr().toStringUtf8()).isEqualTo("err\n");
        assertThat(answer.getExitCode()).isEqualTo(3);
        var large = kubelet.exec(id, "dd", "if=/dev/zero", "bs=1024", "count=1024");
        assertThat(large.getStdout().size()).isEqualTo(1 << 20);
    }

    @Test
    void execIsKilledWithItsChildrenAtItsTimeout() throws IOException {
        var id = forever();
        var begin = Instant.now();
        fails(
                Status.Code.DEADLINE_EXCEEDED,
                () -> kubelet.execFor(id, 1, "sh", "-c", "sleep 777 & sleep 777; true"));
        assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(20));
        assertThat(processes(id)).doesNotContain("sleep 777");
    }

    /** The subshell ends at once, so that its child has the container's first process as parent. */
    @Test
    void execIsKilledWithAllThatCameOfItWhenItsCallerGivesUp() throws IOException {
        var id = forever();
        var request =
                ExecSyncRequest.newBuilder()
                        .setContainerId(id)
                        .addAllCmd(
                                List.of(
                                        "sh",
                                        "-c",
                                        "sleep 778 & (sleep 779 & true); sleep 780; true"))
                        .build();
        var call = RuntimeServiceGrpc.newFutureStub(node.client().channel()).execSync(request);
        for (var each : List.of("sleep 778", "sleep 779", "sleep 780")) {
            Waiting.until(each, Kubelet.SOON, () -> processes(id).contains(each));
        }
        assertThat(call.cancel(true)).isTrue();
        for (var each : List.of("sleep 778", "sleep 779", "sleep 780")) {
            Waiting.until("the end of " + each, Kubelet.SOON, () -> !processes(id).contains(each));
        }
    }

    private String processes(String id) {
        return kubelet.exec(id, "ps").getStdout().toStringUtf8();
    }

    @Test
    void execOutputOfAChildThatLivesOnDoesNotHoldTheCall() throws IOException {
        var id = forever();
        var begin = Instant.now();
        var answer = kubelet.exec(id, "sh", "-c", "sleep 60 & echo done");
        assertThat(answer.getStdout().toStringUtf8()).isEqualTo("done\n");
        assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(25));
    }

    @Test
    void execOfNothingAndInNothingFails() throws IOException {
        var id = forever();
        var status = failure(() -> kubelet.exec(id, "no-such-program"));
        assertThat(status.getDescription()).contains("no-such-program");
        fails(Status.Code.NOT_FOUND, () -> kubelet.exec("no-such-container", "true"));
        kubelet.stop(id, 0);
        var stopped = failure(() -> kubelet.exec(id, "true"));
        assertThat(stopped.getCode()).isNotEqualTo(Status.Code.NOT_FOUND);
        assertThat(stopped.getDescription()).contains(id);
    }

    @Test
    void stopAsksFirstAndTheExitCodeIsTheContainers() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config =
                kubelet.shell(
                        "polite",
                        "trap 'echo bye; exit 7' TERM; echo up; while :; do usleep 50000; done");
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        kubelet.stop(id, 30);
        var status = kubelet.status(id);
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getExitCode()).isEqualTo(7);
        assertThat(status.getReason()).isEqualTo("Error");
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout")).containsExactly("up", "bye");
        kubelet.stop(id, 30);
    }

    @Test
    void stopKillsWhatDoesNotListen() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("deaf", "trap '' TERM; echo up; while :; do usleep 50000; done");
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        var begin = Instant.now();
        kubelet.stop(id, 1);
        assertThat(Duration.between(begin, Instant.now()))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(20));
        assertThat(kubelet.status(id).getExitCode()).isEqualTo(137);
    }

    @Test
    void stopSignalOfTheContainerIsUsed() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config =
                kubelet.shell(
                                "signal",
                                "trap 'exit 9' USR1; echo up; while :; do usleep 50000; done")
                        .setStopSignal(Signal.SIGNAL_SIGUSR1);
        var id = kubelet.launch(sandbox, pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        kubelet.stop(id, 30);
        assertThat(kubelet.status(id).getExitCode()).isEqualTo(9);
    }

    @Test
    void aProgramThatIsNotThereIsAStartError() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.create(sandbox, pod, kubelet.container("wrong", "/no/such").build());
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        var status = failure(() -> kubelet.start(id));
        assertThat(status.getDescription()).contains("/no/such");
        var after = kubelet.status(id);
        assertThat(after.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(after.getReason()).isEqualTo("StartError");
        assertThat(after.getExitCode()).isEqualTo(128);
        assertThat(after.getMessage()).contains("/no/such");
        kubelet.remove(id);
        fails(Status.Code.NOT_FOUND, () -> kubelet.status(id));
    }

    @Test
    void aContainerStartsOnce() throws IOException {
        var id = forever();
        var status = failure(() -> kubelet.start(id));
        assertThat(status.getDescription()).contains(id);
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    }

    @Test
    void tooMuchMemoryIsOomKilled() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var limit =
                LinuxContainerConfig.newBuilder()
                        .setResources(
                                LinuxContainerResources.newBuilder()
                                        .setMemoryLimitInBytes(32 << 20));
        var config =
                kubelet.container(
                                "greedy",
                                "dd",
                                "if=/dev/zero",
                                "of=/dev/null",
                                "bs=200M",
                                "count=1")
                        .setLinux(limit);
        var id = kubelet.launch(sandbox, pod, config.build());
        var status = kubelet.exited(id);
        assertThat(status.getReason()).as("%s", status).isEqualTo("OOMKilled");
        assertThat(status.getExitCode()).isEqualTo(137);
    }

    @Test
    void whatIsGoneIsNotMissed() throws IOException {
        kubelet.stopPod("no-such-sandbox");
        kubelet.removePod("no-such-sandbox");
        kubelet.stop("no-such-container", 0);
        kubelet.remove("no-such-container");
        fails(Status.Code.NOT_FOUND, () -> kubelet.podStatus("no-such-sandbox"));
        fails(Status.Code.NOT_FOUND, () -> kubelet.status("no-such-container"));
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("c", FOREVER).build());
        kubelet.stopPod(sandbox);
        kubelet.stopPod(sandbox);
        assertThat(kubelet.podStatus(sandbox).getState())
                .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        var late = kubelet.shell("late", "true").build();
        var status = failure(() -> kubelet.create(sandbox, pod, late));
        assertThat(status.getDescription()).contains(sandbox);
        kubelet.removePod(sandbox);
        kubelet.removePod(sandbox);
        fails(Status.Code.NOT_FOUND, () -> kubelet.podStatus(sandbox));
        fails(Status.Code.NOT_FOUND, () -> kubelet.status(id));
    }

    @Test
    void removingARunningPodEndsItsContainers() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("c", FOREVER).build());
        kubelet.remove(id);
        fails(Status.Code.NOT_FOUND, () -> kubelet.status(id));
        kubelet.launch(sandbox, pod, kubelet.shell("d", FOREVER).build());
        kubelet.removePod(sandbox);
        fails(Status.Code.NOT_FOUND, () -> kubelet.podStatus(sandbox));
    }

    private String forever() throws IOException {
        var pod = kubelet.pod().build();
        var config = kubelet.shell("forever", FOREVER);
        var id = kubelet.launch(kubelet.run(pod), pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        return id;
    }
}
