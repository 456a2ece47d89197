package io.berth.sandbox.operation;

import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerEvent;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.spec.Signals;
import io.berth.shimclient.shim.ShimException;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends a running container: its stop signal once in its life (twice if the daemon is killed in the
 * very moment of sending it), then SIGKILL when the grace of the least patient caller is over,
 * then, if its shim is of no use, the OCI runtime without it. Callers share one stop; none blocks
 * another, a status or a list.
 */
final class ContainerStop {
    private static final Logger LOG = System.getLogger(ContainerStop.class.getName());
    private static final int SIGKILL = 9;

    /**
     * How long a SIGKILL through shim and runtime may take before the task is ended around them.
     */
    private static final Duration BY_RUNTIME = Duration.ofSeconds(5);

    /** How long the end of a container may take to stand in its record once it is known. */
    private static final Duration TO_RECORD = Duration.ofSeconds(3);

    private final Node node;
    private final ExitWatch watch;
    private final Map<ContainerId, KillDeadline> stopping = new ConcurrentHashMap<>();
    private final HungProcesses hung = new HungProcesses(Path.of("/proc"));

    ContainerStop(Node node, ExitWatch watch) {
        this.node = node;
        this.watch = watch;
    }

    /**
     * Returns when the container's end stands in its record; at once if it does not run.
     *
     * @param grace from the stop signal to SIGKILL; zero sends SIGKILL alone
     */
    void stop(ContainerId id, Duration grace) throws IOException {
        // A start under way comes first: it ends as running, or as failed.
        var running =
                node.operations()
                        .exclusively(
                                id.value(),
                                () -> node.containers().find(id).filter(ContainerStop::runs));
        if (running.isEmpty()) {
            return;
        }
        var deadline = stopping.computeIfAbsent(id, _ -> new KillDeadline());
        try {
            stop(running.get(), grace, deadline);
        } finally {
            stopping.remove(id, deadline);
        }
    }

    private static boolean runs(Container container) {
        return container.state() instanceof ContainerState.Running;
    }

    private void stop(Container container, Duration grace, KillDeadline deadline)
            throws IOException {
        var id = container.id();
        deadline.noLaterThan(grace);
        watchAgain(container);
        node.exits().onEnd(id, deadline::ended);
        if (!grace.isZero() && !signalled(id) && deadline.takeSignal()) {
            ask(container);
        }
        Operations.stage("container.end");
        try {
            if (!deadline.awaitEnd() || stillRuns(id)) {
                kill(container);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("container " + container.id() + ": interrupted in its stop", e);
        }
    }

    private boolean signalled(ContainerId id) {
        return node.containers()
                .find(id)
                .filter(
                        container ->
                                container.state() instanceof ContainerState.Running running
                                        && running.signalledAt().isPresent())
                .isPresent();
    }

    /**
     * Noted after it is sent: a crash in between sends it twice. The other way round it would not
     * be sent at all, and SIGKILL would be the first that the container hears of its end.
     */
    private void ask(Container container) throws IOException {
        if (signal(container, Signals.number(container.stopSignal()), false)
                && stillRuns(container.id())) {
            node.containers()
                    .apply(
                            container.id(),
                            new ContainerEvent.StopSignalled(node.clock().instant()));
        }
    }

    private boolean stillRuns(ContainerId id) {
        return node.containers().find(id).filter(ContainerStop::runs).isPresent();
    }

    /** Nobody watches what recovery could not reach: that no end is expected is not an end. */
    private void watchAgain(Container container) throws IOException {
        if (node.exits().expected(container.id()) || !stillRuns(container.id())) {
            return;
        }
        try {
            Operations.step(
                            "shim.adopt",
                            container.sandbox().value(),
                            () -> node.shims().reach(container.sandbox()))
                    .ifPresent(shim -> watch.begin(container, shim, pid(container)));
        } catch (ShimException.GivenUp ours) {
            throw ours;
        } catch (ShimException useless) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} stopped without its shim: {1}",
                    container.id(),
                    useless.getMessage());
        }
    }

    private void kill(Container container) throws IOException, InterruptedException {
        var id = container.id();
        if (signal(container, SIGKILL, true)) {
            Operations.stage("container.end");
            var _ = node.exits().await(id, BY_RUNTIME);
        }
        if (stillRuns(id)) {
            endForGood(container);
        }
    }

    private static int pid(Container container) {
        return container.state() instanceof ContainerState.Running running ? running.pid() : 0;
    }

    private List<Integer> pids(Container container) {
        try {
            return node.shims().require(container.sandbox()).pids(container.id().value());
        } catch (ShimException | SandboxException silent) {
            return pid(container) == 0 ? List.of() : List.of(pid(container));
        }
    }

    /**
     * What the removal would do too; its entry stays, for what is left is the removal's. The end is
     * recorded as its shim tells it, if it does.
     */
    private void endForGood(Container container) throws InterruptedException {
        var id = container.id();
        try {
            var _ = node.resources().release(id.value(), EnumSet.of(ResourceKind.TASK));
        } catch (SandboxException.Failed stays) {
            throw new SandboxException.TimedOut(
                    "container %s: still there after SIGKILL: %s; %s"
                            .formatted(id, hung.describe(pids(container)), stays.getMessage()));
        }
        if (node.exits().expected(id)) {
            var _ = node.exits().await(id, TO_RECORD);
        }
        if (!stillRuns(id)) {
            return;
        }
        var cause = "killed without its shim, which did not tell how it ended";
        node.containers().apply(id, new ContainerEvent.TaskLost(node.clock().instant(), cause));
        node.exits().happened(id);
        LOG.log(Logger.Level.WARNING, "container={0} ended: {1}", id, cause);
    }

    /** False if the shim lives but cannot be told; a dead one's end is the watch's to record. */
    private boolean signal(Container container, int number, boolean all) throws IOException {
        var shim = node.shims().find(container.sandbox());
        if (shim.isEmpty()) {
            return true;
        }
        try {
            Operations.step(
                    "task.kill",
                    container.id().value(),
                    () -> {
                        shim.get().kill(container.id().value(), "", number, all);
                        return true;
                    });
            return true;
        } catch (ShimException.NotFound | ShimException.ShimLost gone) {
            LOG.log(
                    Logger.Level.DEBUG,
                    "container={0} signal {1}: {2}",
                    container.id(),
                    Integer.toString(number),
                    gone.getMessage());
            return true;
        } catch (ShimException.GivenUp ours) {
            throw ours; // the shim is of use, to the next daemon
        } catch (ShimException refused) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} signal {1}: {2}",
                    container.id(),
                    Integer.toString(number),
                    refused.getMessage());
            return false;
        }
    }
}
