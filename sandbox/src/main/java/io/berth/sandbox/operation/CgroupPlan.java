package io.berth.sandbox.operation;

import io.berth.cri.v1.PodSandboxConfig;
import io.berth.linux.CgroupPath;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;

/**
 * Where pods and containers lie in the cgroup hierarchies. A pod with a parent of the kubelet's
 * puts its leaves there; one without gets a cgroup of its own below the configured parent.
 */
final class CgroupPlan {
    private CgroupPlan() {}

    /**
     * Refuses a parent below which nothing could be found, and so nothing removed, again.
     *
     * @throws SandboxException.InvalidRequest if there is a parent and it is no plain absolute path
     */
    static void check(PodSandboxConfig config) {
        var given = config.getLinux().getCgroupParent();
        if (given.isEmpty()) {
            return;
        }
        try {
            var _ = new CgroupPath(given);
        } catch (IllegalArgumentException e) {
            throw new SandboxException.InvalidRequest(
                    "config.linux.cgroup_parent: " + e.getMessage());
        }
    }

    /** The parent of all the pod's leaves. */
    static String parent(Node node, PodSandbox sandbox) {
        var given = sandbox.config().getLinux().getCgroupParent();
        return given.isEmpty() ? node.settings().cgroupParent() + "/" + sandbox.id() : given;
    }

    /** What goes away with the pod: its own cgroup, or its pause process's leaf. */
    static String ownedByPod(Node node, PodSandbox sandbox) {
        var given = sandbox.config().getLinux().getCgroupParent();
        return given.isEmpty() ? parent(node, sandbox) : pause(node, sandbox);
    }

    /** The pause process's leaf. */
    static String pause(Node node, PodSandbox sandbox) {
        return parent(node, sandbox) + "/" + sandbox.id();
    }

    /** A container's leaf. */
    static String leaf(Node node, PodSandbox sandbox, Container container) {
        return parent(node, sandbox) + "/" + container.id();
    }
}
