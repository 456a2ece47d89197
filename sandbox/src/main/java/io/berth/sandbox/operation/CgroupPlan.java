package io.berth.sandbox.operation;

import io.berth.cri.v1.PodSandboxConfig;
import io.berth.linux.CgroupPath;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.settings.SandboxSettings;
import java.util.Optional;

/**
 * Where pods and containers lie in the cgroup hierarchies. A pod with a parent of the kubelet's
 * puts its leaves there; one without gets a cgroup of its own below the configured parent. Under
 * systemd's driver parents are slices and leaves are scopes in them, which systemd makes.
 */
final class CgroupPlan {
    private CgroupPlan() {}

    /**
     * Refuses a parent below which nothing could be found, and so nothing removed, again; and one
     * of the other cgroup driver.
     *
     * @throws SandboxException.InvalidRequest if there is a parent and it is no plain absolute
     *     path, or no slice under systemd's driver
     */
    static void check(SandboxSettings settings, String handler, PodSandboxConfig config) {
        var given = config.getLinux().getCgroupParent();
        if (given.isEmpty()) {
            return;
        }
        boolean systemd = systemd(settings, handler);
        try {
            if (systemd) {
                var _ = new SystemdSlice(given);
            } else {
                var _ = new CgroupPath(given);
            }
        } catch (IllegalArgumentException e) {
            throw new SandboxException.InvalidRequest(
                    "config.linux.cgroup_parent: %s; the runtime handler uses %s as cgroup driver,"
                                    .formatted(e.getMessage(), systemd ? "systemd" : "cgroupfs")
                            + " and so has the kubelet to (cgroupDriver)");
        }
    }

    private static boolean systemd(SandboxSettings settings, String handler) {
        return settings.handler(handler)
                .map(SandboxSettings.RuntimeHandler::systemdCgroup)
                .orElse(false);
    }

    private static boolean systemd(Node node, PodSandbox sandbox) {
        return systemd(node.settings(), sandbox.runtimeHandler());
    }

    private static SystemdSlice slice(Node node, PodSandbox sandbox) {
        var given = sandbox.brief().getLinux().getCgroupParent();
        return given.isEmpty()
                ? SystemdSlice.ofPath(node.settings().cgroupParent()).child(sandbox.id().value())
                : new SystemdSlice(given);
    }

    /** The parent of all the pod's leaves. */
    static String parent(Node node, PodSandbox sandbox) {
        if (systemd(node, sandbox)) {
            return slice(node, sandbox).path();
        }
        var given = sandbox.brief().getLinux().getCgroupParent();
        return given.isEmpty() ? node.settings().cgroupParent() + "/" + sandbox.id() : given;
    }

    /** What goes away with the pod: its own cgroup, or its pause process's leaf. */
    static String ownedByPod(Node node, PodSandbox sandbox) {
        var given = sandbox.brief().getLinux().getCgroupParent();
        return given.isEmpty() ? parent(node, sandbox) : pause(node, sandbox);
    }

    /** The slice that systemd makes for the pod alone, as long as it is loaded. */
    static Optional<SystemdSlice> ownSlice(Node node, PodSandbox sandbox) {
        return sandbox.config().getLinux().getCgroupParent().isEmpty() && systemd(node, sandbox)
                ? Optional.of(slice(node, sandbox))
                : Optional.empty();
    }

    /** The pause process's leaf. */
    static String pause(Node node, PodSandbox sandbox) {
        return leaf(node, sandbox, sandbox.id().value());
    }

    /** A container's leaf, which a plugin of the node may have put elsewhere. */
    static String leaf(Node node, PodSandbox sandbox, Container container) {
        var planned = planned(node, sandbox, container);
        return MovedCgroup.of(node, planned).orElse(planned);
    }

    /** Where a container's leaf is if no plugin has put it elsewhere. */
    static String planned(Node node, PodSandbox sandbox, Container container) {
        return leaf(node, sandbox, container.id().value());
    }

    /**
     * Where a leaf lies that the OCI config names so.
     *
     * @throws IllegalArgumentException if it is no name of a leaf under the pod's cgroup driver
     */
    static CgroupPath ofSpec(Node node, PodSandbox sandbox, String cgroupsPath) {
        if (!systemd(node, sandbox)) {
            return new CgroupPath(cgroupsPath);
        }
        var parts = cgroupsPath.split(":", -1);
        if (parts.length != 3 || parts[1].isEmpty() || parts[2].isEmpty()) {
            throw new IllegalArgumentException(
                    "cgroup: found \"%s\", wanted slice:prefix:name".formatted(cgroupsPath));
        }
        return new CgroupPath(
                "%s/%s-%s.scope".formatted(new SystemdSlice(parts[0]).path(), parts[1], parts[2]));
    }

    private static String leaf(Node node, PodSandbox sandbox, String id) {
        return systemd(node, sandbox)
                ? slice(node, sandbox).scopePath(id)
                : parent(node, sandbox) + "/" + id;
    }

    /** How the OCI config names a leaf: its path, or {@code slice:prefix:name}. */
    static String inSpec(Node node, PodSandbox sandbox, String id) {
        return systemd(node, sandbox)
                ? slice(node, sandbox).cgroupsPath(id)
                : leaf(node, sandbox, id);
    }
}
