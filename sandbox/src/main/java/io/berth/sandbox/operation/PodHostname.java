package io.berth.sandbox.operation;

import io.berth.linux.Namespaces;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import java.io.IOException;
import java.nio.file.Path;

/** The name that the processes of a pod see as their host's. */
final class PodHostname {
    private final Namespaces namespaces;

    PodHostname(Namespaces namespaces) {
        this.namespaces = namespaces;
    }

    /** Sets it again after CRIU has set that of the pod that was saved, for all of this pod. */
    void restore(PodSandbox sandbox) throws IOException {
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
