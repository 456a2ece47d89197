package io.berth.sandbox.operation;

import io.berth.cri.v1.ListPodSandboxStatsResponse;
import io.berth.cri.v1.PodSandboxStatsFilter;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.stats.PodFigures;
import java.util.Comparator;
import java.util.stream.Stream;

/** Tells what ready pods use, the oldest first; one that goes away meanwhile is left out. */
final class ListPodSandboxStats {
    private final Node node;
    private final PodFigures figures;

    ListPodSandboxStats(Node node, PodFigures figures) {
        this.node = node;
        this.figures = figures;
    }

    ListPodSandboxStatsResponse run(PodSandboxStatsFilter filter) {
        var response = ListPodSandboxStatsResponse.newBuilder();
        items(filter).forEach(response::addStats);
        return response.build();
    }

    /** What the filter lets through; each pod is measured when it is taken. */
    Stream<io.berth.cri.v1.PodSandboxStats> items(PodSandboxStatsFilter filter) {
        return node.sandboxes().all().stream()
                .filter(sandbox -> sandbox.id().value().startsWith(filter.getId()))
                .filter(
                        sandbox ->
                                LabelSelector.selects(
                                        filter.getLabelSelectorMap(), sandbox::labels))
                .sorted(Comparator.comparing(PodSandbox::createdAt))
                .flatMap(sandbox -> node.sandboxes().find(sandbox.id()).stream())
                .filter(PodSandbox::ready)
                .map(pod -> figures.of(pod, PodSandboxStats.containers(node, pod)));
    }
}
