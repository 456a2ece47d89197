package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerStatsFilter;
import io.berth.cri.v1.ListContainerStatsResponse;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.stats.ContainerFigures;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells what containers use, the oldest first; one that goes away meanwhile is left out. Those that
 * do not run are listed too, as containerd does, with their writable layer alone.
 */
final class ListContainerStats {
    private final Node node;
    private final ContainerFigures figures;

    ListContainerStats(Node node, ContainerFigures figures) {
        this.node = node;
        this.figures = figures;
    }

    ListContainerStatsResponse run(ContainerStatsFilter filter) {
        var response = ListContainerStatsResponse.newBuilder();
        items(filter).forEach(response::addStats);
        return response.build();
    }

    /** What the filter lets through; each container is measured when it is taken. */
    Stream<io.berth.cri.v1.ContainerStats> items(ContainerStatsFilter filter) {
        return new ListedContainers(node)
                .of(filter.getId(), filter.getPodSandboxId(), filter.getLabelSelectorMap())
                .flatMap(container -> measured(container).stream());
    }

    private Optional<io.berth.cri.v1.ContainerStats> measured(Container listed) {
        var container = node.containers().find(listed.id()).filter(Container::listed);
        var pod = node.sandboxes().find(listed.sandbox());
        return container.isPresent() && pod.isPresent()
                ? Optional.of(figures.of(pod.get(), container.get()))
                : Optional.empty();
    }
}
