package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.PodSandbox;
import java.util.Set;

/**
 * Kernel settings inside a pod. Only those that belong to a namespace of the pod's own are taken:
 * any other would be the host's (namespaces(7), network_namespaces(7), ipc_namespaces(7)).
 */
final class Sysctls {
    private static final Set<String> IPC =
            Set.of(
                    "kernel.msgmax",
                    "kernel.msgmnb",
                    "kernel.msgmni",
                    "kernel.sem",
                    "kernel.shmall",
                    "kernel.shmmax",
                    "kernel.shmmni",
                    "kernel.shm_rmid_forced");

    private Sysctls() {}

    /**
     * @throws SandboxException.InvalidRequest for a setting that the pod would share with the host
     */
    static ObjectNode json(PodSandbox sandbox) {
        var asked = sandbox.config().getLinux().getSysctlsMap();
        for (var name : asked.keySet()) {
            if (!belongsToPod(name.replace('/', '.'), sandbox)) {
                throw new SandboxException.InvalidRequest(
                        ("config.linux.sysctls: found %s, which this pod would share with the"
                                        + " host; wanted one of a namespace of its own")
                                .formatted(name));
            }
        }
        return OciJson.object(asked);
    }

    private static boolean belongsToPod(String name, PodSandbox sandbox) {
        if (name.startsWith("net.")) {
            return !sandbox.onHostNetwork();
        }
        if (IPC.contains(name) || name.startsWith("fs.mqueue.")) {
            return !Namespaces.onHostIpc(sandbox);
        }
        return name.equals("kernel.domainname") && !sandbox.onHostNetwork();
    }
}
