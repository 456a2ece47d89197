package io.berth.sandbox.operation;

import io.berth.cri.v1.PodSandboxStatsResponse;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.stats.PodFigures;
import java.util.Comparator;
import java.util.List;

/** Tells what one pod uses, which has to be ready. */
final class PodSandboxStats {
    private final Node node;
    private final PodFigures figures;

    PodSandboxStats(Node node, PodFigures figures) {
        this.node = node;
        this.figures = figures;
    }

    PodSandboxStatsResponse run(String podSandboxId) {
        var pod = node.sandbox(podSandboxId);
        if (!pod.ready()) {
            throw new SandboxException.WrongState(
                    "sandbox %s: is %s; only a ready one is measured"
                            .formatted(pod.id(), pod.state().word()));
        }
        return PodSandboxStatsResponse.newBuilder()
                .setStats(figures.of(pod, containers(node, pod)))
                .build();
    }

    /** The pod's containers that lists show, the oldest first. */
    static List<Container> containers(Node node, PodSandbox pod) {
        return node.containers().of(pod.id()).stream()
                .filter(Container::listed)
                .sorted(Comparator.comparing(Container::createdAt))
                .toList();
    }
}
