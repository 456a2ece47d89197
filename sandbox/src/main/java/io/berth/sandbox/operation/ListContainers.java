package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerFilter;
import io.berth.cri.v1.ListContainersResponse;
import io.berth.sandbox.container.Container;
import java.util.Comparator;

/** Lists containers, the oldest first, from memory. */
final class ListContainers {
    private final Node node;

    ListContainers(Node node) {
        this.node = node;
    }

    ListContainersResponse run(ContainerFilter filter) {
        var response = ListContainersResponse.newBuilder();
        node.containers().all().stream()
                .filter(Container::listed)
                .filter(container -> container.id().value().startsWith(filter.getId()))
                .filter(c -> c.sandbox().value().startsWith(filter.getPodSandboxId()))
                .filter(
                        container ->
                                !filter.hasState()
                                        || filter.getState().getState()
                                                == ContainerStatus.state(container))
                .filter(
                        container ->
                                container
                                        .config()
                                        .getLabelsMap()
                                        .entrySet()
                                        .containsAll(filter.getLabelSelectorMap().entrySet()))
                .sorted(Comparator.comparing(Container::createdAt))
                .forEach(container -> response.addContainers(item(container)));
        return response.build();
    }

    private static io.berth.cri.v1.Container item(Container container) {
        var config = container.config();
        return io.berth.cri.v1.Container.newBuilder()
                .setId(container.id().value())
                .setPodSandboxId(container.sandbox().value())
                .setMetadata(config.getMetadata())
                .setImage(config.getImage())
                .setImageRef(container.imageId())
                .setImageId(container.imageId())
                .setState(ContainerStatus.state(container))
                .setCreatedAt(PodSandboxStatus.nanos(container.createdAt()))
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .build();
    }
}
