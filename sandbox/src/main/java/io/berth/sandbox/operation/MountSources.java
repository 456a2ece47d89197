package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerConfig;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.runtime.HandlerFeatures;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.spec.AskedMounts;
import io.berth.sandbox.spec.MountSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Finds or makes what a container's mounts are bound from. */
final class MountSources {
    private final HostPaths hostPaths;
    private final ImageVolumes volumes;

    MountSources(HostPaths hostPaths, ImageVolumes volumes) {
        this.hostPaths = hostPaths;
        this.volumes = volumes;
    }

    /**
     * The request as its record keeps it, checked before anything is made for it.
     *
     * @throws SandboxException if it asks for mounts that cannot be had
     */
    ContainerConfig checked(ContainerConfig asked, HandlerFeatures features) {
        AskedMounts.check(asked, features);
        return volumes.resolved(asked);
    }

    /** One for each mount of the request, in its order. */
    List<MountSource> of(PodSandbox sandbox, Container container) throws IOException {
        var sources = new ArrayList<MountSource>();
        for (int i = 0; i < container.config().getMountsCount(); i++) {
            var mount = container.config().getMounts(i);
            sources.add(
                    mount.hasImage()
                            ? volumes.mount(sandbox, container, i)
                            : hostPaths.ensure(container.id().value(), mount));
        }
        return sources;
    }
}
