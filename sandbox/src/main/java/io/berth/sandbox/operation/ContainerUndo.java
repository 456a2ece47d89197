package io.berth.sandbox.operation;

import io.berth.sandbox.container.Container;
import io.berth.sandbox.resource.ResourceKind;
import java.util.EnumSet;

/** Takes back a container of which nobody was told. */
final class ContainerUndo {
    private final Node node;

    ContainerUndo(Node node) {
        this.node = node;
    }

    /** Makes it and everything of it absent; throws naming what stays, and then all stays known. */
    void run(Container container) {
        node.nri().undoCreateContainer(container);
        var struck =
                node.resources().release(container.id().value(), EnumSet.allOf(ResourceKind.class));
        node.containers().remove(container.id(), struck);
    }
}
