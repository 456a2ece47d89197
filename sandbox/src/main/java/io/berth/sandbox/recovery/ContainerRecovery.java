package io.berth.sandbox.recovery;

import io.berth.linux.Namespaces;
import io.berth.linux.step.Steps;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerEvent;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.sandbox.operation.AbandonedExecs;
import io.berth.sandbox.operation.ExitWatch;
import io.berth.sandbox.operation.Node;
import io.berth.sandbox.operation.PodHostname;
import io.berth.sandbox.operation.UpdateContainerResources;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskState;
import io.berth.storage.metadata.MetadataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.util.EnumSet;
import java.util.Optional;

/** Finds out what became of one pod's containers while no daemon ran. */
public final class ContainerRecovery {
    private static final Logger LOG = System.getLogger(ContainerRecovery.class.getName());

    /** What a start makes, which a start that was cut gives back. */
    private static final EnumSet<ResourceKind> OF_A_START =
            EnumSet.of(ResourceKind.TASK, ResourceKind.LOG_WRITER);

    private final Node node;
    private final ExitWatch watch;
    private final PodHostname hostname;
    private final UpdateContainerResources updates;
    private final AbandonedExecs execs;

    public ContainerRecovery(Node node, ExitWatch watch, Namespaces namespaces, ProcessEnds ends) {
        this.node = node;
        this.watch = watch;
        this.hostname = new PodHostname(node, namespaces);
        this.updates = new UpdateContainerResources(node);
        this.execs = new AbandonedExecs(node, ends);
    }

    /**
     * Recovers every container of a sandbox, whose shim is given if it answers. One that cannot be
     * recovered costs neither the others nor the sandbox anything: it stays for its removal.
     */
    void recover(PodSandbox sandbox, Optional<Shim> shim) {
        for (var listed : node.containers().of(sandbox.id())) {
            var container = node.containers().find(listed.id()).orElse(listed);
            try {
                recover(container, shim);
                if (container.listed()) {
                    updates.recover(container.id());
                }
            } catch (ShimException.GivenUp | MetadataException.Closed ours) {
                throw ours;
            } catch (IOException | RuntimeException failure) {
                LOG.log(
                        Logger.Level.ERROR,
                        "container="
                                + container.id()
                                + " not recovered; its removal or its pod's finishes it",
                        failure);
            }
        }
    }

    private void recover(Container container, Optional<Shim> shim) throws IOException {
        switch (container.state()) {
            case ContainerState.Creating _, ContainerState.Removing _ -> undo(container);
            case ContainerState.Created _ -> created(container, shim);
            case ContainerState.Running running -> running(container, running.pid(), shim);
            case ContainerState.Exited _ -> {}
        }
    }

    /** Makes a container and everything of it absent. */
    void undo(Container container) {
        var id = container.id();
        var struck = node.resources().release(id.value(), EnumSet.allOf(ResourceKind.class));
        node.containers().remove(id, struck);
        LOG.log(
                Logger.Level.INFO,
                "container={0} was {1} when the last daemon ended: undone",
                id,
                container.state().word());
    }

    private void running(Container container, int pid, Optional<Shim> shim) {
        if (shim.isPresent()) {
            if (!node.exits().expected(container.id())) { // a stop may have come before
                watch.begin(container, shim.get(), pid);
            }
            execs.end(container, shim.get());
            goOn(container, shim.get());
            return;
        }
        watch.endLeft(container); // its processes outlive a shim
        lost(container, "its shim was gone when the daemon started");
    }

    /** A checkpoint may have been cut, which left the container frozen and half a folder. */
    private void goOn(Container container, Shim shim) {
        var id = container.id();
        var frozen =
                state(shim, container)
                        .filter(task -> task.status() == TaskState.Status.PAUSED)
                        .isPresent();
        if (frozen) {
            try {
                Steps.run(
                        "task.resume",
                        id.value(),
                        () -> {
                            shim.resume(id.value());
                            return true;
                        });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            LOG.log(Logger.Level.INFO, "container={0} its checkpoint was cut: resumed", id);
        }
        node.forgetCheckpoint(id);
    }

    /** A start may have been cut: if the process runs it has begun, or else it is taken back. */
    private void created(Container container, Optional<Shim> shim) throws IOException {
        var id = container.id();
        if (shim.isPresent()) {
            hostname.restore(container); // also if CRIU has only begun
        }
        var task = shim.flatMap(found -> state(found, container));
        if (task.isPresent() && task.get().status() != TaskState.Status.CREATED) {
            // It cannot have begun after it ended.
            var began =
                    task.get().status() == TaskState.Status.STOPPED
                            ? task.get().exitedAt()
                            : node.clock().instant();
            var started = new ContainerEvent.Started(began, task.get().pid());
            node.containers().apply(id, started);
            watch.begin(container, shim.orElseThrow(), task.get().pid());
            node.forgetCheckpoint(id); // what it went on from, if it did
            LOG.log(Logger.Level.INFO, "container={0} its start was cut: it had begun", id);
            return;
        }
        // The next start may make both kinds again, so their entries are not struck.
        var _ = node.resources().release(id.value(), OF_A_START);
        if (task.isPresent()) {
            LOG.log(Logger.Level.INFO, "container={0} its start was cut: taken back", id);
        }
    }

    private static Optional<TaskState> state(Shim shim, Container container) {
        try {
            return Optional.of(shim.state(container.id().value(), ""));
        } catch (ShimException.NotFound none) {
            return Optional.empty();
        }
    }

    private void lost(Container container, String cause) {
        node.containers()
                .apply(container.id(), new ContainerEvent.TaskLost(node.clock().instant(), cause));
        LOG.log(Logger.Level.WARNING, "container={0} lost: {1}", container.id(), cause);
        node.nri().stopContainer(container);
    }
}
