package io.berth.sandbox.operation;

import io.berth.cri.v1.UpdatePodSandboxResourcesRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.spec.FieldPolicy;
import java.lang.System.Logger;

/**
 * Takes note of a pod's new overhead and of the new sum of its containers' limits. The kubelet
 * writes the pod's cgroup itself; the two are kept for the status and for who asks for them there.
 */
final class UpdatePodSandboxResources {
    private static final Logger LOG = System.getLogger(UpdatePodSandboxResources.class.getName());

    private final Node node;

    UpdatePodSandboxResources(Node node) {
        this.node = node;
    }

    void run(UpdatePodSandboxResourcesRequest request) {
        FieldPolicy.check(request);
        var id = node.sandbox(request.getPodSandboxId()).id();
        node.operations()
                .run(
                        new OperationKey(
                                "UpdatePodSandboxResources", id + "/" + RequestHash.of(request)),
                        "",
                        () -> {
                            node.adoptions().await(id);
                            // Each adds to what the one before it has left.
                            return node.operations()
                                    .exclusively(id + "/resources", () -> resize(id, request));
                        });
    }

    private boolean resize(SandboxId id, UpdatePodSandboxResourcesRequest request) {
        var sandbox = node.sandbox(id.value());
        if (!sandbox.ready()) {
            throw new SandboxException.WrongState(
                    "sandbox %s: is %s, only a ready one is resized"
                            .formatted(sandbox.id(), sandbox.state().word()));
        }
        var now = sandbox.brief().getLinux();
        var overhead = request.hasOverhead() ? request.getOverhead() : now.getOverhead();
        var sum = request.hasResources() ? request.getResources() : now.getResources();
        node.nri().updatePodSandbox(sandbox, overhead, sum);
        var resized = node.sandboxes().resize(sandbox.id(), overhead, sum);
        resized.ifPresent(node.nri()::postUpdatePodSandbox);
        LOG.log(
                Logger.Level.INFO,
                "sandbox={0} resized: {1}",
                sandbox.id(),
                sum.toString().strip().replace('\n', ' '));
        return true;
    }
}
