package io.berth.sandbox.operation;

import io.berth.sandbox.container.Container;
import io.berth.sandbox.spec.MountSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Finds or makes what a container's mounts are bound from. */
final class MountSources {
    private final HostPaths hostPaths;

    MountSources(HostPaths hostPaths) {
        this.hostPaths = hostPaths;
    }

    /** One for each mount of the request, in its order. */
    List<MountSource> of(Container container) throws IOException {
        var sources = new ArrayList<MountSource>();
        for (var mount : container.config().getMountsList()) {
            sources.add(hostPaths.ensure(container.id().value(), mount));
        }
        return sources;
    }
}
