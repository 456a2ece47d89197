package io.berth.sandbox.recovery;

import io.berth.linux.step.Steps;
import io.berth.sandbox.operation.Node;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.shimclient.shim.ShimException;
import io.berth.storage.metadata.MetadataException;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks again at pods whose shims did not answer after a restart, one thread a pod, until the shim
 * answers or is gone, or the pod is stopped. Until then the records stay as they are: a process
 * that runs may be a pod that runs.
 */
final class SilentShims {
    private static final Logger LOG = System.getLogger(SilentShims.class.getName());
    private static final long PAUSE_SECONDS = 2;

    private final Node node;
    private final Consumer<PodSandbox> recover;

    /**
     * @param recover recovers one pod whose shim answers or is gone
     */
    SilentShims(Node node, Consumer<PodSandbox> recover) {
        this.node = node;
        this.recover = recover;
    }

    void lookAgain(SandboxId id) {
        Thread.ofVirtual()
                .name("silent-shim-" + id)
                .start(
                        () -> {
                            try {
                                await(id);
                            } catch (ShimException.GivenUp | MetadataException.Closed ours) {
                                LOG.log(
                                        Logger.Level.DEBUG,
                                        "sandbox={0} left to the next daemon: {1}",
                                        id,
                                        ours.getMessage());
                            } catch (IOException | RuntimeException failure) {
                                LOG.log(
                                        Logger.Level.ERROR,
                                        "sandbox=" + id + " not recovered; stop and remove its pod",
                                        failure);
                            } catch (InterruptedException stop) {
                                Thread.currentThread().interrupt();
                            }
                        });
    }

    private void await(SandboxId id) throws IOException, InterruptedException {
        while (isToBeRecovered(id)) {
            if (answersOrIsGone(id)) {
                try {
                    var _ =
                            node.operations()
                                    .exclusively(
                                            id.value(),
                                            () -> {
                                                node.sandboxes()
                                                        .find(id)
                                                        .filter(SilentShims::runs)
                                                        .ifPresent(recover);
                                                return true;
                                            });
                    return;
                } catch (SilentShim again) {
                    LOG.log(Logger.Level.DEBUG, "sandbox={0} {1}", id, again.getMessage());
                }
            }
            var _ = new CountDownLatch(1).await(PAUSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private boolean isToBeRecovered(SandboxId id) {
        return node.sandboxes().find(id).filter(SilentShims::runs).isPresent();
    }

    /** A pod that was asked to stop is ended by its stop. */
    private static boolean runs(PodSandbox sandbox) {
        return switch (sandbox.state()) {
            case SandboxState.Ready _ -> true;
            case SandboxState.NotReady notReady -> !notReady.stopping();
            case SandboxState.Creating _, SandboxState.Stopped _, SandboxState.Removing _ -> false;
        };
    }

    private boolean answersOrIsGone(SandboxId id) throws IOException {
        try {
            var _ = Steps.run("shim.adopt", id.value(), () -> node.shims().reach(id));
            return true;
        } catch (ShimException.TimedOut silent) {
            return false;
        }
    }
}
