package io.berth.sandbox.operation;

import io.berth.cri.v1.ListPodSandboxResponse;
import io.berth.cri.v1.PodSandboxFilter;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.sandbox.PodSandbox;
import java.util.Comparator;
import java.util.stream.Stream;

/** Lists sandboxes, the oldest first, from memory. */
final class ListPodSandbox {
    private final Node node;

    ListPodSandbox(Node node) {
        this.node = node;
    }

    ListPodSandboxResponse run(PodSandboxFilter filter) {
        var response = ListPodSandboxResponse.newBuilder();
        items(filter).forEach(response::addItems);
        return response.build();
    }

    /** What the filter lets through as of now; each item is made when it is taken. */
    Stream<io.berth.cri.v1.PodSandbox> items(PodSandboxFilter filter) {
        return node.sandboxes().all().stream()
                .filter(PodSandbox::listed)
                .filter(sandbox -> sandbox.id().value().startsWith(filter.getId()))
                .filter(
                        sandbox ->
                                !filter.hasState()
                                        || filter.getState().getState()
                                                == PodSandboxStatus.state(sandbox))
                .filter(
                        sandbox ->
                                LabelSelector.selects(
                                        filter.getLabelSelectorMap(),
                                        sandbox.config().getLabelsMap()))
                .sorted(Comparator.comparing(PodSandbox::createdAt))
                .map(ListPodSandbox::item);
    }

    private static io.berth.cri.v1.PodSandbox item(PodSandbox sandbox) {
        var config = sandbox.config();
        return io.berth.cri.v1.PodSandbox.newBuilder()
                .setId(sandbox.id().value())
                .setMetadata(config.getMetadata())
                .setState(PodSandboxStatus.state(sandbox))
                .setCreatedAt(CriTime.nanos(sandbox.createdAt()))
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .setRuntimeHandler(sandbox.runtimeHandler())
                .build();
    }
}
