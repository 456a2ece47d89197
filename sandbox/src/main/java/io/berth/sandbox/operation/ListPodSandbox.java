package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ListPodSandboxResponse;
import io.berth.cri.v1.PodSandboxFilter;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.wire.Entries;
import java.util.Comparator;
import java.util.stream.Stream;

/** Lists sandboxes, the oldest first, from memory. */
final class ListPodSandbox {
    private final Node node;

    ListPodSandbox(Node node) {
        this.node = node;
    }

    ListPodSandboxResponse run(PodSandboxFilter filter) {
        return ListPodSandboxResponse.newBuilder()
                .setUnknownFields(
                        Entries.of(
                                ListPodSandboxResponse.ITEMS_FIELD_NUMBER, items(filter).toList()))
                .build();
    }

    /**
     * The sandboxes that the filter lets through as of now, each as the bytes of its message; they
     * are made when they are taken.
     */
    Stream<ByteString> items(PodSandboxFilter filter) {
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
                                        filter.getLabelSelectorMap(), sandbox::labels))
                .sorted(Comparator.comparing(PodSandbox::createdAt))
                .map(ListPodSandbox::item);
    }

    private static ByteString item(PodSandbox sandbox) {
        return io.berth.cri.v1.PodSandbox.newBuilder()
                .setId(sandbox.id().value())
                .setMetadata(sandbox.brief().getMetadata())
                .setState(PodSandboxStatus.state(sandbox))
                .setCreatedAt(CriTime.nanos(sandbox.createdAt()))
                .setRuntimeHandler(sandbox.runtimeHandler())
                .build()
                .toByteString()
                .concat(sandbox.outline().listed().bytes());
    }
}
