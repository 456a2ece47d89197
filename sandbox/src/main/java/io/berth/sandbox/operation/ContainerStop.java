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
                    .ifPresent(shim -> watch.begin(container, shim));
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
        var limit = node.settings().timeouts().kill();
        if (signal(container, SIGKILL, true)
                && !node.exits().await(id, limit)
                && node.shims().find(container.sandbox()).isPresent()) {
            throw new SandboxException.TimedOut(
                    "container %s: still there %s after SIGKILL: %s"
                            .formatted(id, limit, hung.describe(pids(container))));
        }
        if (stillRuns(id)) {
            endWithoutShim(container);
        }
    }

    private List<Integer> pids(Container container) {
        try {
            return node.shims().require(container.sandbox()).pids(container.id().value());
        } catch (ShimException | SandboxException silent) {
            return container.state() instanceof ContainerState.Running running
                    ? List.of(running.pid())
                    : List.of();
        }
    }

    /** What the removal would do too; its entry stays, for what is left is the removal's. */
    private void endWithoutShim(Container container) {
        var id = container.id();
        var _ = node.resources().release(id.value(), EnumSet.of(ResourceKind.TASK));
        var cause = "its shim did not answer; killed by its OCI runtime";
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
