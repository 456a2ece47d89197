package io.berth.sandbox.operation;

import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerEvent;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.exit.HeldProcess;
import io.berth.sandbox.exit.ProcessEnd;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.sandbox.logs.ContainerLogs;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.shim.Tasks;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.storage.metadata.MetadataException;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Waits for the end of each running container, from before its start, on a thread of its own; then
 * asks the cgroup about OOM kills, lets the log drain, writes the end into the record, and only
 * then lets the shim forget the task. That a connection closed is never taken for an end.
 */
public final class ExitWatch {
    private static final Logger LOG = System.getLogger(ExitWatch.class.getName());

    private final Node node;
    private final Tasks tasks;
    private final Cgroups cgroups;
    private final ContainerLogs logs;
    private final ProcessEnds ends;
    private final Set<ContainerId> oomSeen = ConcurrentHashMap.newKeySet();

    public ExitWatch(
            Node node, Tasks tasks, Cgroups cgroups, ContainerLogs logs, ProcessEnds ends) {
        this.node = node;
        this.tasks = tasks;
        this.cgroups = cgroups;
        this.logs = logs;
        this.ends = ends;
    }

    /**
     * Starts the wait for one container.
     *
     * @param pid its first process, by the host's numbers; 0 if it is not known
     */
    public void begin(Container container, Shim shim, int pid) {
        node.exits().expect(container.id());
        var held = hold(container, shim, pid);
        logs.keep(container, () -> hasProcess(container.id()));
        Thread.ofVirtual()
                .name("exit-" + container.id())
                .start(
                        () -> {
                            try (held) {
                                waitAndRecord(container, shim, held);
                            }
                        });
    }

    /** A pod in a virtual machine has pids of its own, which mean others here. */
    private HeldProcess hold(Container container, Shim shim, int pid) {
        return node.shims().isRunc(handler(container))
                ? ends.hold(shim, pid)
                : HeldProcess.unknown();
    }

    private String handler(Container container) {
        return node.sandboxes()
                .find(container.sandbox())
                .map(PodSandbox::runtimeHandler)
                .orElse("");
    }

    private boolean hasProcess(ContainerId id) {
        return node.containers()
                .find(id)
                .filter(found -> !(found.state() instanceof ContainerState.Created))
                .isPresent();
    }

    /** The shim says that the kernel killed something of a container for lack of memory. */
    public void oom(ContainerId id) {
        oomSeen.add(id);
    }

    /** Ends a container's task for good, whatever state it is in. */
    void end(Container container, String handler) throws IOException {
        tasks.end(container.sandbox(), container.id().value(), handler);
    }

    private void waitAndRecord(Container container, Shim shim, HeldProcess held) {
        var id = container.id();
        ProcessEnd end;
        try {
            end = ends.await(shim, id.value(), "", held);
        } catch (ShimException.GivenUp ours) { // the daemon ends, the container does not
            LOG.log(
                    Logger.Level.DEBUG,
                    "container={0} no longer watched: {1}",
                    id,
                    ours.getMessage());
            return;
        } catch (ShimException.NotFound | ShimException.ShimLost gone) {
            endLeft(container);
            var cause = "its shim is gone: " + gone.getMessage();
            record(
                    container,
                    new ContainerEvent.TaskLost(node.clock().instant(), cause),
                    ExitWatch::nothing);
            return;
        } catch (ShimException refused) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} its end will not be noticed, as its shim does not tell it: {1}",
                    id,
                    refused.getMessage());
            return;
        }
        record(
                container,
                event(container, end),
                end.told() ? () -> forget(container, shim) : ExitWatch::nothing);
        if (!end.told()) {
            endLeft(container); // its shim would keep it for ever
        }
    }

    private ContainerEvent event(Container container, ProcessEnd end) {
        return end.code().isPresent()
                ? new ContainerEvent.TaskExit(end.at(), end.code().getAsInt(), oomKilled(container))
                : new ContainerEvent.TaskLost(end.at(), ProcessEnd.LOST);
    }

    private void forget(Container container, Shim shim) {
        var id = container.id().value();
        try {
            Operations.step("task.delete", id, () -> shim.delete(id, ""));
            if (node.containers().find(container.id()).isPresent()) {
                tasks.forgotten(id);
            }
        } catch (ShimException.NotFound gone) {
            LOG.log(Logger.Level.DEBUG, "container={0} {1}", id, gone.getMessage());
        } catch (IOException | ShimException stays) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} its shim keeps the task, which the removal ends: {1}",
                    id,
                    stays.getMessage());
        }
    }

    /** Ends what a shim that is gone, or that lost the end, left of a container. */
    public void endLeft(Container container) {
        var handler = handler(container);
        try {
            Operations.step(
                    "task.remove",
                    container.id().value(),
                    () -> {
                        end(container, handler);
                        return true;
                    });
        } catch (ShimException.GivenUp ours) {
            LOG.log(Logger.Level.DEBUG, "container={0} {1}", container.id(), ours.getMessage());
        } catch (IOException | RuntimeException stays) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} what its shim left stays until its removal: {1}",
                    container.id(),
                    stays.getMessage());
        }
    }

    private boolean oomKilled(Container container) {
        if (oomSeen.remove(container.id())) {
            return true;
        }
        var sandbox = node.sandboxes().find(container.sandbox());
        if (sandbox.isEmpty()) {
            return false;
        }
        var leaf = new CgroupPath(CgroupPlan.leaf(node, sandbox.get(), container));
        return cgroups.oomKills(leaf).orElse(0) > 0;
    }

    /**
     * Writes the end into the record, after the outcome of a start under way.
     *
     * @param then what may only be done once the end stands on disk: until then the shim alone
     *     knows the exit code
     */
    private void record(Container container, ContainerEvent event, Runnable then) {
        logs.drain(container);
        var id = container.id();
        try {
            var after =
                    node.operations()
                            .exclusively(
                                    id.value(),
                                    () -> {
                                        var ended = node.containers().apply(id, event);
                                        then.run();
                                        return ended;
                                    });
            after.ifPresent(ExitWatch::tell);
        } catch (MetadataException.Closed ours) {
            LOG.log(
                    Logger.Level.DEBUG,
                    "container={0} its end is the next daemon''s to record: {1}",
                    id,
                    ours.getMessage());
        } catch (IOException | RuntimeException failure) {
            LOG.log(
                    Logger.Level.ERROR,
                    "container=" + id + " its end is not recorded; a stop tries again",
                    failure);
        } finally {
            node.exits().happened(id);
        }
        node.nri().stopContainer(container);
    }

    private static void tell(Container container) {
        if (container.state() instanceof ContainerState.Exited exited) {
            LOG.log(
                    Logger.Level.INFO,
                    "container={0} exited code={1} reason={2} {3}",
                    container.id(),
                    Integer.toString(exited.code()),
                    exited.reason(),
                    exited.message());
        }
    }

    private static void nothing() {}
}
