package io.berth.sandbox.network;

import io.berth.cni.PodNetworks;
import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.operation.Adoptions;
import io.berth.sandbox.operation.Operations;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.resource.Resources;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxStore;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.List;

/** Gives up networks of pods, by an operator's order. */
public final class GivenUpNetworks {
    private static final Logger LOG = System.getLogger(GivenUpNetworks.class.getName());

    private final SandboxStore sandboxes;
    private final Adoptions adoptions;
    private final Operations operations;
    private final Resources resources;
    private final PodNetworks networks;

    public GivenUpNetworks(
            SandboxStore sandboxes,
            Adoptions adoptions,
            Operations operations,
            Resources resources,
            PodNetworks networks) {
        this.sandboxes = sandboxes;
        this.adoptions = adoptions;
        this.operations = operations;
        this.resources = resources;
        this.networks = networks;
    }

    /**
     * Asks the plugins once more to detach the pod, and forgets what they do not confirm, so that
     * the pod can be stopped and removed. What they still hold for it, such as an address, stays
     * taken.
     *
     * @return what was given up, a line a plugin; empty if all was detached
     * @throws SandboxException.NotFound if there is no such pod
     * @throws SandboxException.WrongState if the pod is ready
     */
    public List<String> run(String podSandboxId) throws IOException {
        var id =
                sandboxes.all().stream()
                        .map(sandbox -> sandbox.id())
                        .filter(known -> known.value().equals(podSandboxId))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new SandboxException.NotFound(
                                                "sandbox %s: not found on this node"
                                                        .formatted(podSandboxId)));
        adoptions.await(id);
        return operations.exclusively(id.value(), () -> giveUp(id));
    }

    private List<String> giveUp(SandboxId id) throws IOException {
        if (sandboxes.find(id).filter(sandbox -> sandbox.ready()).isPresent()) {
            throw new SandboxException.WrongState(
                    "sandbox %s: is ready; stop it before its network is given up".formatted(id));
        }
        var left = Steps.run("cni.give-up", id.value(), () -> networks.giveUp(id.value()));
        resources.strike(ResourceKind.CNI, id.value());
        for (var each : left) {
            LOG.log(
                    Logger.Level.WARNING,
                    "sandbox={0} network given up by an operator''s order: {1}",
                    id,
                    each.getMessage());
        }
        return left.stream().map(each -> String.valueOf(each.getMessage())).toList();
    }
}
