package io.berth.sandbox.operation;

import io.berth.linux.Namespaces;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import java.io.IOException;
import java.nio.file.Path;

/** The name that the processes of a pod see as their host's. */
public final class PodHostname {
    private final Node node;
    private final Namespaces namespaces;

    public PodHostname(Node node, Namespaces namespaces) {
        this.node = node;
        this.namespaces = namespaces;
    }

    /**
     * Sets it again once CRIU has run for a container, which gives all of the pod the name that the
     * saved one had, whether or not the process comes to run. Does nothing for a container that
     * goes on from no checkpoint, and for a pod that is not ready.
     */
    public void restore(Container container) throws IOException {
        if (container.restored()) {
            var sandbox = node.sandboxes().find(container.sandbox());
            if (sandbox.isPresent()) {
                restore(sandbox.get());
            }
        }
    }

    private void restore(PodSandbox sandbox) throws IOException {
        if (sandbox.onHostNetwork() || !(sandbox.state() instanceof SandboxState.Ready ready)) {
            return; // the host's name, which CRIU leaves alone
        }
        var uts = Path.of("/proc", Integer.toString(ready.pid()), "ns", "uts");
        var name = PodFiles.hostname(sandbox);
        Operations.step(
                "hostname.set",
                sandbox.id().value(),
                () -> {
                    namespaces.setHostname(uts, name);
                    return true;
                });
    }
}
