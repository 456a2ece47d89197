package io.berth.sandbox.operation;

import io.berth.cri.v1.PodSandboxConfig;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.runtime.RuntimeBinary;
import io.berth.sandbox.settings.ShimType;
import io.berth.sandbox.spec.UserNamespaces;

/** Tells whether processes can go on from a checkpoint in a pod of this node. */
final class RestorableHere {
    private RestorableHere() {}

    /**
     * Returns if a pod's runtime handler runs the OCI runtime that made a checkpoint.
     *
     * @param checkpoint what it is called in messages
     * @param maker the runtime's kind; empty where the checkpoint does not say
     * @throws SandboxException.WrongState naming both
     */
    static void requireRuntime(Node node, String handler, String checkpoint, String maker) {
        var known = node.settings().handler(handler);
        var kind = known.map(RuntimeBinary::kind).orElse("");
        if (!maker.isEmpty() && !maker.equals(kind)) {
            throw new SandboxException.WrongState(
                    "checkpoint %s: found one that %s made, wanted one of %s, which runtime handler '%s' runs"
                            .formatted(checkpoint, maker, kind, handler));
        }
        if (known.filter(it -> ShimType.of(it.shim()).isRunc()).isEmpty()) {
            throw new SandboxException.WrongState(
                    ("runtime_handler '%s': found the shim of %s, wanted one of runc, which has"
                                    + " CRIU restore processes")
                            .formatted(handler, kind));
        }
    }

    /**
     * Returns if a pod has no user namespace of its own.
     *
     * @param field what of the request is about it
     */
    static void requireNoUserNamespace(PodSandboxConfig pod, String field) {
        if (UserNamespaces.of(pod).isPresent()) {
            throw new SandboxException.InvalidRequest(
                    field
                            + ".linux.security_context.namespace_options.userns_options.mode: found"
                            + " POD, wanted NODE or none: CRIU restores no process into a user"
                            + " namespace that is there already");
        }
    }
}
