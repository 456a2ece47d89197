package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerFilter;
import io.berth.cri.v1.ListContainersResponse;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.wire.Entries;
import java.util.stream.Stream;

/** Lists containers, the oldest first, from memory. */
final class ListContainers {
    private final Node node;

    ListContainers(Node node) {
        this.node = node;
    }

    ListContainersResponse run(ContainerFilter filter) {
        var field = ListContainersResponse.CONTAINERS_FIELD_NUMBER;
        return ListContainersResponse.newBuilder()
                .setUnknownFields(Entries.of(field, items(filter).toList()))
                .build();
    }

    /**
     * The containers that the filter lets through as of now, each as the bytes of its message; they
     * are made when they are taken.
     */
    Stream<ByteString> items(ContainerFilter filter) {
        return new ListedContainers(node)
                .of(filter.getId(), filter.getPodSandboxId(), filter.getLabelSelectorMap())
                .filter(
                        container ->
                                !filter.hasState()
                                        || filter.getState().getState()
                                                == ContainerStatus.state(container))
                .map(ListContainers::item);
    }

    private static ByteString item(Container container) {
        var brief = container.brief();
        return io.berth.cri.v1.Container.newBuilder()
                .setId(container.id().value())
                .setPodSandboxId(container.sandbox().value())
                .setMetadata(brief.getMetadata())
                .setImage(brief.getImage())
                .setImageRef(container.imageId())
                .setImageId(container.imageId())
                .setState(ContainerStatus.state(container))
                .setCreatedAt(CriTime.nanos(container.createdAt()))
                .build()
                .toByteString()
                .concat(container.outline().listed().bytes());
    }
}
