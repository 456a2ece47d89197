package io.berth.sandbox.operation;

import io.berth.imageservice.image.Image;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerUser;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.spec.ContainerHost;
import io.berth.sandbox.spec.ContainerSpec;

import java.io.IOException;

/** Makes a container's snapshot, the folder of its FIFOs, and its bundle. */
final class ContainerFiles {
    private final Node node;
    private final Bundles bundles;
    private final ContainerUsers users;
    private final HostPaths hostPaths;

    ContainerFiles(Node node, Bundles bundles, ContainerUsers users, HostPaths hostPaths) {
        this.node = node;
        this.bundles = bundles;
        this.users = users;
        this.hostPaths = hostPaths;
    }

    /** Returns as whom the container will run. */
    ContainerUser make(PodSandbox sandbox, Container container, Image image) throws IOException {
        var id = container.id();
        Operations.stage("security");
        var security = node.security().ofContainer(container.config(), id.value());
        hostPaths.ensure(id.value(), container.config().getMountsList());
        bundles.prepareSnapshot(id.value(), image.chainId());
        var io = node.paths().io(id);
        Operations.step(
                "fifo.create",
                io.toString(),
                () -> {
                    node.files().createDirectories(io, 0700);
                    return true;
                });
        var user = users.resolve(container, image);
        var host =
                new ContainerHost(
                        pausePid(sandbox),
                        user,
                        CgroupPlan.leaf(node, sandbox, container),
                        node.paths().shm(sandbox.id()),
                        node.paths().resolvConf(sandbox.id()),
                        node.paths().hostname(sandbox.id()),
                        node.paths().hosts(sandbox.id()),
                        node.limits());
        bundles.create(
                node.paths().bundle(id),
                ContainerSpec.json(container, sandbox, image.config(), host, security));
        return new ContainerUser(user.uid(), user.gid(), user.additionalGids());
    }

    private static int pausePid(PodSandbox sandbox) {
        if (sandbox.state() instanceof SandboxState.Ready ready) {
            return ready.pid();
        }
        throw new IllegalStateException(
                "sandbox %s: is %s".formatted(sandbox.id(), sandbox.state().word()));
    }
}
