package io.berth.sandbox.recovery;

import io.berth.linux.step.Steps;
import io.berth.sandbox.operation.Node;
import io.berth.sandbox.operation.PodTask;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxEvent;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskState;
import io.berth.storage.metadata.MetadataException;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Brings records and host together after a restart, each pod on its own and many at a time.
 *
 * <p>It assumes, and nothing more:
 *
 * <ol>
 *   <li>Records and ledger are as the last acknowledged change left them; the host may be ahead of
 *       them by the one step that a crash cut.
 *   <li>A pid, a mount or a socket of another boot is nobody's. Within a boot, a shim that answers
 *       on its bundle's address is the one that we started.
 *   <li>A shim remembers how its tasks ended until it is told to forget them.
 *   <li>A record that is Creating was never told to anyone: it is undone. One that is Removing is
 *       promised to go: it is removed.
 *   <li>A shim that runs but does not answer in time says nothing of its pod: the records stay as
 *       they are, and the pod is looked at again until the shim answers or is gone.
 *   <li>What this daemon's own end cuts says nothing of a pod: its record stays as it is, and the
 *       next daemon looks again.
 * </ol>
 */
public final class Recovery {
    private static final Logger LOG = System.getLogger(Recovery.class.getName());
    private static final int AT_ONCE = 32;

    private final Node node;
    private final PodTask task;
    private final ContainerRecovery containers;
    private final Audit audit;
    private final SilentShims silent;

    public Recovery(Node node, PodTask task, ContainerRecovery containers, Audit audit) {
        this.node = node;
        this.task = task;
        this.containers = containers;
        this.audit = audit;
        this.silent = new SilentShims(node, this::lookAt);
    }

    /** Takes every sandbox, so that operations on it wait. Before anything is served. */
    public void begin() {
        node.sandboxes().all().forEach(sandbox -> node.adoptions().begin(sandbox.id()));
    }

    /**
     * Goes through all sandboxes and then through what nobody claims; returns when done, and
     * whether it was: not if the daemon ended meanwhile.
     */
    public boolean run() {
        var started = node.clock().millis();
        var sandboxes = node.sandboxes().all();
        var slots = new Semaphore(AT_ONCE);
        var left = new AtomicInteger(sandboxes.size());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var sandbox : sandboxes) {
                threads.execute(
                        () -> {
                            slots.acquireUninterruptibly();
                            try {
                                var now = node.sandboxes().find(sandbox.id());
                                if (now.isEmpty() || recover(now.get())) {
                                    left.decrementAndGet();
                                }
                            } finally {
                                slots.release();
                                node.adoptions().end(sandbox.id());
                            }
                        });
            }
        }
        if (left.get() > 0) {
            LOG.log(Logger.Level.INFO, "{0} sandboxes left to the next daemon", left);
            return false;
        }
        sweep();
        LOG.log(
                Logger.Level.INFO,
                "recovered {0} sandboxes in {1} ms",
                Integer.toString(sandboxes.size()),
                Long.toString(node.clock().millis() - started));
        return true;
    }

    /** False if the daemon's own end cut it. */
    private boolean recover(PodSandbox sandbox) {
        try {
            lookAt(sandbox);
            return true;
        } catch (SilentShim later) {
            LOG.log(
                    Logger.Level.WARNING,
                    "sandbox={0} {1}; looking again until it does or is gone",
                    sandbox.id(),
                    later.getMessage());
            silent.lookAgain(sandbox.id());
            return true;
        } catch (ShimException.GivenUp | MetadataException.Closed ours) {
            LOG.log(
                    Logger.Level.DEBUG,
                    "sandbox={0} left to the next daemon: {1}",
                    sandbox.id(),
                    ours.getMessage());
            return false;
        }
    }

    private void lookAt(PodSandbox sandbox) {
        try {
            switch (sandbox.state()) {
                case SandboxState.Creating _ -> undo(sandbox);
                case SandboxState.Removing _ -> undo(sandbox);
                case SandboxState.Ready _ -> adopt(sandbox);
                // Its containers may run on, as when a stop was cut before it reached them.
                case SandboxState.NotReady _ -> containers.recover(sandbox, ofThisBoot(sandbox));
                case SandboxState.Stopped _ -> containers.recover(sandbox, Optional.empty());
            }
        } catch (ShimException.GivenUp | MetadataException.Closed | SilentShim notYet) {
            throw notYet;
        } catch (IOException | RuntimeException failure) {
            LOG.log(
                    Logger.Level.ERROR,
                    "sandbox=" + sandbox.id() + " not recovered; stop and remove its pod",
                    failure);
            node.sandboxes()
                    .apply(
                            sandbox.id(),
                            new SandboxEvent.Died(
                                    node.clock().instant(),
                                    "not recovered after a restart: " + failure.getMessage()));
        }
    }

    private void undo(PodSandbox sandbox) {
        var id = sandbox.id();
        for (var container : node.containers().of(id)) {
            containers.undo(container);
        }
        var struck = node.resources().release(id.value(), EnumSet.allOf(ResourceKind.class));
        node.sandboxes().remove(id, struck);
        LOG.log(
                Logger.Level.INFO,
                "sandbox={0} was {1} when the last daemon ended: undone",
                id,
                sandbox.state().word());
    }

    private void adopt(PodSandbox sandbox) throws IOException {
        var shim = ofThisBoot(sandbox);
        if (shim.isPresent() && pauseRuns(shim.get(), sandbox)) {
            task.watch(sandbox.id());
            LOG.log(Logger.Level.INFO, "sandbox={0} adopted", sandbox.id());
        } else {
            var cause =
                    !sandbox.bootId().equals(node.bootId())
                            ? "the machine was booted anew"
                            : shim.isPresent() ? "its pause process is gone" : "its shim is gone";
            node.sandboxes()
                    .apply(sandbox.id(), new SandboxEvent.Died(node.clock().instant(), cause));
            LOG.log(Logger.Level.WARNING, "sandbox={0} not ready: {1}", sandbox.id(), cause);
        }
        containers.recover(sandbox, shim);
    }

    private Optional<Shim> ofThisBoot(PodSandbox sandbox) throws IOException {
        return sandbox.bootId().equals(node.bootId()) ? reach(sandbox) : Optional.empty();
    }

    private Optional<Shim> reach(PodSandbox sandbox) throws IOException {
        try {
            return Steps.run(
                    "shim.adopt", sandbox.id().value(), () -> node.shims().reach(sandbox.id()));
        } catch (ShimException.TimedOut silent) {
            throw new SilentShim(silent);
        }
    }

    private static boolean pauseRuns(Shim shim, PodSandbox sandbox) {
        try {
            return shim.state(sandbox.id().value(), "").status() == TaskState.Status.RUNNING;
        } catch (ShimException.NotFound gone) {
            return false;
        } catch (ShimException.TimedOut silent) {
            throw new SilentShim(silent);
        }
    }

    /** Removes what stands on the host, or in the ledger, without a living owner. */
    private void sweep() {
        try {
            var findings = audit.marked();
            var stays = audit.fix(findings);
            if (!findings.isEmpty()) {
                LOG.log(
                        Logger.Level.WARNING,
                        "{0} things without an owner found, {1} of them stay",
                        Integer.toString(findings.size()),
                        Integer.toString(stays.size()));
            }
        } catch (IOException e) {
            LOG.log(Logger.Level.ERROR, "the host was not swept", e);
        }
    }
}
