package io.berth.sandbox.operation;

import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxEvent;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskIo;
import io.berth.shimclient.shim.TaskRequest;
import java.io.IOException;
import java.lang.System.Logger;

/** Starts a pod's shim and its pause process, and notices when they go. */
public final class PodTask {
    private static final Logger LOG = System.getLogger(PodTask.class.getName());

    private final Node node;
    private final Bundles bundles;

    public PodTask(Node node) {
        this.node = node;
        this.bundles = new Bundles(node);
    }

    /** Starts the shim in its bundle; of the pod's network it needs nothing yet. */
    void startShim(PodSandbox sandbox) throws IOException {
        var id = sandbox.id();
        var _ =
                Operations.step(
                        "shim.start",
                        node.paths().bundle(id).toString(),
                        () -> node.shims().start(id, sandbox.runtimeHandler()));
    }

    /** Starts the pause process in the shim; returns its pid. */
    int start(PodSandbox sandbox) throws IOException {
        var id = sandbox.id();
        var bundle = node.paths().bundle(id);
        var shim = node.shims().require(id);
        var request =
                new TaskRequest(
                        id.value(),
                        bundle,
                        bundles.rootfs(sandbox, id.value()),
                        TaskIo.NONE,
                        node.shims().options(sandbox.runtimeHandler()));
        Operations.step("task.create", id.value(), () -> shim.create(request));
        return Operations.step("task.start", id.value(), () -> shim.start(id.value()));
    }

    /** Waits, on a thread of its own, for the end of the pause process or of the shim. */
    public void watch(SandboxId id) {
        var shim = node.shims().require(id);
        Thread.ofVirtual().name("pod-watch-" + id).start(() -> watch(id, shim));
    }

    private void watch(SandboxId id, Shim shim) {
        String cause;
        try {
            var exit = shim.waitFor(id.value(), "");
            cause = "its pause process ended with status " + exit.status();
        } catch (ShimException.GivenUp ours) { // the pod is being stopped, or we are
            LOG.log(
                    Logger.Level.DEBUG,
                    "sandbox={0} no longer watched: {1}",
                    id,
                    ours.getMessage());
            return;
        } catch (ShimException.NotFound gone) {
            cause = "its pause process is gone";
        } catch (ShimException.ShimLost lost) {
            cause = "its shim is gone";
        } catch (ShimException refused) {
            LOG.log(
                    Logger.Level.WARNING,
                    "sandbox={0} its end will not be noticed, as its shim does not tell it: {1}",
                    id,
                    refused.getMessage());
            return;
        }
        var died = new SandboxEvent.Died(node.clock().instant(), cause);
        var before = node.sandboxes().find(id);
        if (before.isPresent() && before.get().ready()) {
            node.sandboxes().apply(id, died);
            LOG.log(Logger.Level.WARNING, "sandbox={0} not ready: {1}", id, cause);
        }
    }
}
