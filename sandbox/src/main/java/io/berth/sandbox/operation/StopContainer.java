package io.berth.sandbox.operation;

import io.berth.sandbox.container.Container;
import java.io.IOException;
import java.time.Duration;

/**
 * Stops a container within a grace time. One that does not run, or does not exist, is stopped. A
 * later call with a shorter grace shortens the wait of all.
 */
final class StopContainer {
    private final Node node;
    private final ContainerStop stop;

    StopContainer(Node node, ContainerStop stop) {
        this.node = node;
        this.stop = stop;
    }

    /** Zero or less seconds kill at once. */
    void run(String containerId, long timeoutSeconds) {
        var container = node.knownContainer(containerId);
        if (container.isEmpty()) {
            return; // the proto: a container that is gone is stopped
        }
        var grace = Duration.ofSeconds(Math.max(0, timeoutSeconds));
        // Keyed with the grace: calls of another grace run beside this one and hasten it.
        node.operations()
                .run(
                        new OperationKey("StopContainer", container.get().id() + "/" + grace),
                        "",
                        () -> stopOnce(container.get(), grace));
    }

    private boolean stopOnce(Container container, Duration grace) throws IOException {
        node.adoptions().await(container.sandbox());
        stop.stop(container.id(), grace);
        Operations.stage("nri.stop-container");
        node.nri().stopContainer(container);
        return true;
    }
}
