package io.berth.sandbox.operation;

import io.berth.cri.v1.Mount;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerEvent;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.resource.ResourceKind;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.EnumSet;
import java.util.stream.Stream;

/**
 * Forgets a container, killing it first if it runs; its log file stays, as the kubelet expects. One
 * that does not exist is removed.
 */
final class RemoveContainer {
    private static final Logger LOG = System.getLogger(RemoveContainer.class.getName());

    private final Node node;
    private final ContainerStop stop;

    RemoveContainer(Node node, ContainerStop stop) {
        this.node = node;
        this.stop = stop;
    }

    void run(String containerId) {
        var container = node.knownContainer(containerId);
        if (container.isEmpty()) {
            return; // the proto: a container that is gone is removed
        }
        var id = container.get().id();
        node.operations()
                .run(
                        new OperationKey("RemoveContainer", id.value()),
                        "",
                        () -> {
                            node.adoptions().await(container.get().sandbox());
                            remove(id);
                            return true;
                        });
    }

    /** Removes a container; returns when nothing of it is left. */
    void remove(ContainerId id) throws IOException {
        stop.stop(id, Duration.ZERO);
        node.operations()
                .exclusively(
                        id.value(),
                        () -> {
                            release(id);
                            return true;
                        });
    }

    private void release(ContainerId id) {
        var container = node.containers().find(id);
        if (container.isEmpty()) {
            return;
        }
        node.containers().apply(id, new ContainerEvent.RemoveAsked(node.clock().instant()));
        Operations.stage("nri.remove-container");
        node.nri().removeContainer(container.get());
        var struck = node.resources().release(id.value(), EnumSet.allOf(ResourceKind.class));
        node.containers().remove(id, struck);
        LOG.log(Logger.Level.INFO, "container={0} removed", id);
        if (images(container.get()).anyMatch(image -> node.images().find(image).isEmpty())) {
            node.images().collect(); // it may have been the last to hold the image's layers
        }
    }

    private static Stream<String> images(Container container) {
        return Stream.concat(
                Stream.of(container.imageId()),
                container.brief().getMountsList().stream()
                        .filter(Mount::hasImage)
                        .map(mount -> mount.getImage().getImageRef()));
    }
}
