package io.berth.sandbox.operation;

import io.berth.cri.v1.ListPodSandboxMetricsResponse;
import io.berth.cri.v1.PodSandboxMetrics;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.stats.PodMetrics;
import java.util.Comparator;
import java.util.stream.Stream;

/** The metrics of ready pods, the oldest first; one that goes away meanwhile is left out. */
final class ListPodSandboxMetrics {
    private final Node node;
    private final PodMetrics metrics;

    ListPodSandboxMetrics(Node node, PodMetrics metrics) {
        this.node = node;
        this.metrics = metrics;
    }

    ListPodSandboxMetricsResponse run() {
        var response = ListPodSandboxMetricsResponse.newBuilder();
        items().forEach(response::addPodMetrics);
        return response.build();
    }

    /** All pods; each is measured when it is taken. */
    Stream<PodSandboxMetrics> items() {
        return node.sandboxes().all().stream()
                .sorted(Comparator.comparing(PodSandbox::createdAt))
                .flatMap(sandbox -> node.sandboxes().find(sandbox.id()).stream())
                .filter(PodSandbox::ready)
                .map(pod -> metrics.of(pod, PodSandboxStats.containers(node, pod)));
    }
}
