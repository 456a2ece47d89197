package io.berth.sandbox.operation;

import io.berth.linux.Flags;
import io.berth.linux.LinuxFd;
import io.berth.linux.UserNamespaces.Maps;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.spec.IdMaps;
import io.berth.sandbox.spec.UserNamespaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The user namespace of a pod that has its own: made before everything that it owns. */
final class PodUserns {
    private final Node node;

    PodUserns(Node node) {
        this.node = node;
    }

    static boolean wanted(PodSandbox sandbox) {
        return UserNamespaces.of(sandbox.brief()).isPresent();
    }

    /** Where it is pinned, if the pod has one. */
    static Optional<Path> pin(Node node, PodSandbox sandbox) {
        return wanted(sandbox) ? Optional.of(node.paths().userns(sandbox.id())) : Optional.empty();
    }

    /** Makes and pins it, and the pod's network namespace as one that it owns. */
    void create(PodSandbox sandbox, IdMaps maps) throws IOException {
        var id = sandbox.id();
        var pin = node.paths().userns(id);
        var lines = new Maps(maps.uids().lines(), maps.gids().lines());
        Operations.step(
                "userns.create",
                pin.toString(),
                () -> {
                    if (sandbox.onHostNetwork()) {
                        node.userNamespaces().create(pin, Optional.empty(), lines);
                    } else {
                        createWithNetns(id, pin, lines);
                    }
                    return true;
                });
    }

    private void createWithNetns(SandboxId id, Path pin, Maps maps) throws IOException {
        node.networks()
                .createNetns(
                        id.value(),
                        netns -> node.userNamespaces().create(pin, Optional.of(netns), maps));
    }

    /** The pinned namespace, as id-mapped mounts are made of it. */
    static LinuxFd open(Node node, Path pin) throws IOException {
        return node.linux().open(pin, Flags.O_RDONLY | Flags.O_CLOEXEC, 0);
    }
}
