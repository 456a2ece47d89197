package io.berth.sandbox.operation;

import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.SandboxEvent;
import io.berth.sandbox.sandbox.SandboxId;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.EnumSet;

/**
 * Forgets a pod with its containers, ending first what still runs. Safe to repeat, also after a
 * crash at any line; a sandbox that does not exist is removed.
 */
final class RemovePodSandbox {
    private static final Logger LOG = System.getLogger(RemovePodSandbox.class.getName());

    private final Node node;
    private final StopPodSandbox stop;
    private final RemoveContainer containers;

    RemovePodSandbox(Node node, StopPodSandbox stop, RemoveContainer containers) {
        this.node = node;
        this.stop = stop;
        this.containers = containers;
    }

    void run(String podSandboxId) {
        new SandboxTurn(node).run("RemovePodSandbox", podSandboxId, this::remove);
    }

    /** Removes a sandbox whose turn the caller holds. */
    void remove(SandboxId id) throws IOException {
        if (node.sandboxes().find(id).isEmpty()) {
            return;
        }
        stop.stop(id);
        for (var container : node.containers().of(id)) {
            containers.remove(container.id());
        }
        var going =
                node.sandboxes().apply(id, new SandboxEvent.RemoveAsked(node.clock().instant()));
        Operations.stage("nri.remove-pod-sandbox");
        going.ifPresent(node.nri()::removePodSandbox);
        var struck = node.resources().release(id.value(), EnumSet.allOf(ResourceKind.class));
        node.sandboxes().remove(id, struck);
        LOG.log(Logger.Level.INFO, "sandbox={0} removed", id);
    }
}
