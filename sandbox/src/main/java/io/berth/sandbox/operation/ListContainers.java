package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerFilter;
import io.berth.cri.v1.ListContainersResponse;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.container.Container;
import java.util.stream.Stream;

/** Lists containers, the oldest first, from memory. */
final class ListContainers {
    private final Node node;

    ListContainers(Node node) {
        this.node = node;
    }

    ListContainersResponse run(ContainerFilter filter) {
        var response = ListContainersResponse.newBuilder();
        items(filter).forEach(response::addContainers);
        return response.build();
    }

    /** What the filter lets through as of now; each item is made when it is taken. */
    Stream<io.berth.cri.v1.Container> items(ContainerFilter filter) {
        return new ListedContainers(node)
                .of(filter.getId(), filter.getPodSandboxId(), filter.getLabelSelectorMap())
                .filter(
                        container ->
                                !filter.hasState()
                                        || filter.getState().getState()
                                                == ContainerStatus.state(container))
                .map(ListContainers::item);
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
                .setCreatedAt(CriTime.nanos(container.createdAt()))
                .putAllLabels(config.getLabelsMap())
                .putAllAnnotations(config.getAnnotationsMap())
                .build();
    }
}
