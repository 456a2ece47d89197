package io.berth.e2e.bench;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;

/** One pod after the other from its start to its removal, each call timed; and commands in one. */
final class LifeCalls {
    private static final Figure RUN = Figure.millis("RunPodSandbox");
    private static final Figure CREATE = Figure.millis("CreateContainer");
    private static final Figure START = Figure.millis("StartContainer");
    private static final Figure POD_START = Figure.millis("these three together");
    private static final Figure STOP = Figure.millis("StopContainer");
    private static final Figure REMOVE = Figure.millis("RemoveContainer");
    private static final Figure STOP_POD = Figure.millis("StopPodSandbox");
    private static final Figure REMOVE_POD = Figure.millis("RemovePodSandbox");
    private static final Figure POD_END = Figure.millis("these four together");
    private static final Figure EXEC = Figure.millis("ExecSync of true");

    private static final int WARM_UPS = 3;
    private static final int EXECS_IN_A_ROW = 5;
    private static final long GRACE_SECONDS = 30;

    /** Ends at once when it is told to. */
    private static final String SCRIPT =
            "trap 'exit 0' TERM; echo up; while :; do sleep 1000 & wait $!; done";

    private LifeCalls() {}

    /** Runs pods that nobody times: what is made once is there afterwards. */
    static void warmUp(Round round) throws IOException {
        round.alternate(
                "warming up",
                WARM_UPS,
                contender -> {
                    var kubelet = contender.kubelet();
                    var pod = contender.pod();
                    var sandbox = contender.run(pod);
                    var id = kubelet.launch(sandbox, pod, container(kubelet));
                    kubelet.exec(id, "true");
                    kubelet.stop(id, 0);
                    kubelet.end(sandbox);
                });
    }

    static void lives(Round round) throws IOException {
        round.alternate("lives of pods", round.effort().calls().lives(), each -> life(round, each));
    }

    private static void life(Round round, Contender contender) throws IOException {
        var kubelet = contender.kubelet();
        var pod = contender.pod();
        var config = container(kubelet);
        var begun = System.nanoTime();
        var sandbox = round.timed(RUN, contender, () -> contender.run(pod));
        var id = round.timed(CREATE, contender, () -> kubelet.create(sandbox, pod, config));
        round.timedRun(START, contender, () -> kubelet.start(id));
        round.add(POD_START, contender, (System.nanoTime() - begun) / 1e6);
        awaitUp(kubelet, pod, config);
        begun = System.nanoTime();
        round.timedRun(STOP, contender, () -> kubelet.stop(id, GRACE_SECONDS));
        round.timedRun(REMOVE, contender, () -> kubelet.remove(id));
        round.timedRun(STOP_POD, contender, () -> kubelet.stopPod(sandbox));
        round.timedRun(REMOVE_POD, contender, () -> kubelet.removePod(sandbox));
        round.add(POD_END, contender, (System.nanoTime() - begun) / 1e6);
    }

    static void commands(Round round) throws IOException {
        var containers = new String[round.pods().size()];
        var sandboxes = new String[containers.length];
        round.alternate(
                "a pod for commands",
                1,
                contender -> {
                    var kubelet = contender.kubelet();
                    var pod = contender.pod();
                    var config = container(kubelet);
                    sandboxes[contender.index()] = contender.run(pod);
                    containers[contender.index()] =
                            kubelet.launch(sandboxes[contender.index()], pod, config);
                    awaitUp(kubelet, pod, config);
                    kubelet.exec(containers[contender.index()], "true");
                });
        round.alternate(
                "commands, %d each".formatted(EXECS_IN_A_ROW),
                round.effort().calls().commands() / EXECS_IN_A_ROW,
                contender -> {
                    for (int i = 0; i < EXECS_IN_A_ROW; i++) {
                        round.timedRun(
                                EXEC,
                                contender,
                                () -> command(contender, containers[contender.index()]));
                    }
                });
        for (var contender : round.contenders()) {
            round.with(contender, each -> each.kubelet().end(sandboxes[each.index()]));
        }
    }

    private static void command(Contender contender, String container) throws IOException {
        var answer = contender.kubelet().exec(container, "true");
        if (answer.getExitCode() != 0) {
            throw new IOException("exec of true: found exit code " + answer.getExitCode());
        }
    }

    private static ContainerConfig container(Kubelet kubelet) {
        return kubelet.shell("c", SCRIPT).build();
    }

    private static void awaitUp(Kubelet kubelet, PodSandboxConfig pod, ContainerConfig config)
            throws IOException {
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
    }
}
