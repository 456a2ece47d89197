package io.berth.sandbox.resource;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of things outside the store, in the order in which an owner's are released. */
public enum ResourceKind {
    /** A container's process in its pod's shim; key: the container's id. */
    TASK("task"),
    /** A pod's shim with its pause process; key: the bundle's path. */
    SHIM("shim"),
    /** The process that writes a container's log; key: its control socket's path. */
    LOG_WRITER("log-writer"),
    /** The folder of a container's FIFOs; key: its path. */
    FIFO("fifo"),
    /** The folder that a shim works in; key: its path. */
    BUNDLE("bundle"),
    /** Mounts of the daemon's own; key: the folder at which or below which they are. */
    MOUNT("mount"),
    /** A writable snapshot or a view of one; key: the snapshot's key. */
    SNAPSHOT("snapshot"),
    /** The volumes that a container's image declares; key: the path of their folder. */
    VOLUME("volume"),
    /** A pod's addresses and interfaces; key: the sandbox's id. */
    CNI("cni"),
    /** An address that a plugin holds for a pod that is nobody's; key: the file that says so. */
    ADDRESS("address"),
    /** Rules that a plugin made for a pod that is nobody's; key: iptables' name and their chain. */
    NAT_RULES("nat-rules"),
    /** A pinned network namespace; key: the pin's path. */
    NETNS("netns"),
    /** A pod's pinned user namespace; key: the pin's path. */
    USERNS("userns"),
    /** A cgroup and all below it; key: its path within the hierarchies. */
    CGROUP("cgroup"),
    /** A slice that systemd made for a pod; key: the unit's name. */
    SLICE("slice"),
    /** A folder of files that the daemon writes; key: its path. */
    DIRECTORY("directory"),
    /** A plugin of the node that the daemon started; key: a path below its state folder. */
    NRI_PLUGIN("nri-plugin");

    private final String word;

    ResourceKind(String word) {
        this.word = word;
    }

    /** The kind's name in the ledger, in steps and in messages. */
    public String word() {
        return word;
    }

    /**
     * Whether its things carry berth's mark. What plugins keep for pods on the host does not: it is
     * removed by an operator's order alone.
     */
    public boolean isMarked() {
        return this != ADDRESS && this != NAT_RULES;
    }

    /** The kind of a ledger entry, unless another module owns it. */
    public static Optional<ResourceKind> of(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word.equals(word)).findFirst();
    }
}
