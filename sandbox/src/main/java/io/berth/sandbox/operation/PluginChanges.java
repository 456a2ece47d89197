package io.berth.sandbox.operation;

import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ResourceUpdate;
import io.berth.sandbox.nri.ContainerChanges;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Changes of containers at the wish of a node plugin; plugins are not asked about them again. */
final class PluginChanges implements ContainerChanges {
    private static final Logger LOG = System.getLogger(PluginChanges.class.getName());

    private final Node node;
    private final UpdateContainerResources update;
    private final ContainerStop stop;

    PluginChanges(Node node, UpdateContainerResources update, ContainerStop stop) {
        this.node = node;
        this.update = update;
        this.stop = stop;
    }

    @Override
    public void update(String containerId, LinuxContainerResources resources) throws IOException {
        var id = known(containerId);
        if (id.isPresent()) {
            update.change(id.get(), new ResourceUpdate(resources, Map.of()));
        }
    }

    @Override
    public void evict(String containerId, String reason) throws IOException {
        var id = known(containerId);
        if (id.isPresent()) {
            LOG.log(
                    Logger.Level.INFO,
                    "container={0} evicted by a node plugin: {1}",
                    id.get(),
                    reason);
            stop.stop(id.get(), Duration.ZERO);
        }
    }

    /** Plugins name containers by their whole id. */
    private Optional<ContainerId> known(String containerId) {
        var found =
                node.containers().all().stream()
                        .filter(Container::listed)
                        .filter(container -> container.id().value().equals(containerId))
                        .findFirst();
        found.ifPresent(container -> node.adoptions().await(container.sandbox()));
        return found.map(Container::id);
    }
}
