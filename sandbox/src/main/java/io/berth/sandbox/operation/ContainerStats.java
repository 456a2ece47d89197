package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerStatsResponse;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.stats.ContainerFigures;

/** Tells what one container uses. */
final class ContainerStats {
    private final Node node;
    private final ContainerFigures figures;

    ContainerStats(Node node, ContainerFigures figures) {
        this.node = node;
        this.figures = figures;
    }

    ContainerStatsResponse run(String containerId) {
        var container = node.container(containerId);
        var pod = node.sandboxes().find(container.sandbox());
        if (pod.isEmpty()) {
            throw new SandboxException.NotFound(
                    "container %s: its sandbox is gone".formatted(container.id()));
        }
        return ContainerStatsResponse.newBuilder()
                .setStats(figures.of(pod.get(), container))
                .build();
    }
}
