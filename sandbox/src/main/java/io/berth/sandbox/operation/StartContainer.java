package io.berth.sandbox.operation;

import com.google.protobuf.Any;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerEvent;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.criu.RestoredRights;
import io.berth.sandbox.logs.ContainerLogs;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.shim.PodShims;
import io.berth.sandbox.spec.UserNamespaces;
import io.berth.shimclient.bundle.Bundle;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskIo;
import io.berth.shimclient.shim.TaskRequest;
import io.berth.shimclient.writer.LogWriterException;
import io.berth.storage.metadata.MetadataException;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;

/**
 * Starts a created container. A failure leaves it exited, with StartError and the message for the
 * status, and nothing of its process.
 */
final class StartContainer {
    private static final Logger LOG = System.getLogger(StartContainer.class.getName());

    private final Node node;
    private final Bundles bundles;
    private final ContainerLogs logs;
    private final ExitWatch watch;
    private final PodHostname hostname;

    StartContainer(
            Node node, Bundles bundles, ContainerLogs logs, ExitWatch watch, PodHostname hostname) {
        this.node = node;
        this.bundles = bundles;
        this.logs = logs;
        this.watch = watch;
        this.hostname = hostname;
    }

    void run(String containerId) {
        var id = node.container(containerId).id();
        node.operations()
                .run(
                        new OperationKey("StartContainer", id.value()),
                        "",
                        () -> {
                            // First of all: recovery may find that the process has begun.
                            node.adoptions().await(node.container(id.value()).sandbox());
                            return node.operations()
                                    .exclusively(
                                            id.value(),
                                            () -> {
                                                startOnce(id);
                                                return true;
                                            });
                        });
    }

    private void startOnce(ContainerId id) throws IOException {
        var container = node.container(id.value());
        if (!(container.state() instanceof ContainerState.Created)) {
            throw new SandboxException.WrongState(
                    "container %s: is %s, only a created one can be started"
                            .formatted(id, container.state().word()));
        }
        var sandbox = node.sandbox(container.sandbox().value());
        if (!sandbox.ready()) {
            throw new SandboxException.WrongState(
                    "container %s: its sandbox %s is %s, a ready one is wanted"
                            .formatted(id, sandbox.id(), sandbox.state().word()));
        }
        try {
            start(container, sandbox.runtimeHandler());
        } catch (ShimException.GivenUp | MetadataException.Closed ours) {
            throw ours; // it may run: the next daemon finds out, or takes the start back
        } catch (IOException | RuntimeException failure) {
            failed(container, sandbox.runtimeHandler(), failure);
            throw failure;
        }
    }

    private void start(Container container, String handler) throws IOException {
        var id = container.id();
        var _ = TargetContainer.pid(node, container); // its pid may be another process's by now
        var shim = node.shims().require(container.sandbox());
        var io = openLog(container);
        var waiting = create(shim, container, handler, io);
        Operations.stage("nri.start-container");
        node.nri().startContainer(container, waiting);
        node.exits().expect(id);
        if (!container.restored()) {
            watch.begin(container, shim, waiting);
        }
        var pid = Operations.step("task.start", id.value(), () -> run(shim, container));
        hostname.restore(container);
        node.containers().apply(id, new ContainerEvent.Started(node.clock().instant(), pid));
        if (container.restored()) {
            // Not before: the end of a task that never had a process would never come.
            watch.begin(container, shim, pid);
            forgetAfterStart(container);
        }
        LOG.log(
                Logger.Level.INFO,
                "container={0} sandbox={1} running pid={2}",
                id,
                container.sandbox(),
                Integer.toString(pid));
        Operations.stage("nri.post-start-container");
        node.nri().postStartContainer(container);
    }

    private TaskIo openLog(Container container) throws IOException {
        LogPath.requireFile(container.logPath());
        try {
            return logs.open(container);
        } catch (LogWriterException none) {
            throw new SandboxException.Failed(
                    "container %s: its log cannot be written: %s"
                            .formatted(container.id(), none.getMessage()),
                    none);
        }
    }

    /** The process that waits to become the container; 0 for one that is yet to be restored. */
    private int create(Shim shim, Container container, String handler, TaskIo io)
            throws IOException {
        var id = container.id().value();
        var sandbox = node.sandbox(container.sandbox().value());
        if (container.restored()) {
            node.shims().requireChecks(sandbox.id(), shim);
            allow(container);
        }
        var request =
                new TaskRequest(
                        id,
                        node.paths().bundle(container.id()),
                        bundles.rootfs(sandbox, id),
                        io,
                        options(sandbox, container, handler),
                        container.restored()
                                ? node.paths().restoreImages(container.id()).toString()
                                : "");
        return Operations.step("task.create", id, () -> shim.create(request));
    }

    /** Says what the restored processes may have, which is checked before they run. */
    private void allow(Container container) throws IOException {
        var config = new Bundle(node.paths().bundle(container.id())).config();
        var rights = RestoredRights.of(Files.readAllBytes(config));
        var file = node.paths().restore(container.id()).resolve(RestoredRights.RIGHTS);
        Operations.step(
                "restore.rights",
                file.toString(),
                () -> {
                    // That of an earlier start, which was cut, says nothing of this one.
                    node.files().deleteIfExists(file.resolveSibling(RestoredRights.VERDICT));
                    node.files().writeForThisBoot(file, rights, 0600);
                    return true;
                });
    }

    private Any options(PodSandbox sandbox, Container container, String handler) {
        return container.restored()
                ? node.shims().restoring(handler, node.paths().restore(container.id()))
                : node.shims().options(handler, owner(sandbox, container));
    }

    /**
     * In a user namespace the host's root is nobody, whose pipes the process could not open by
     * /dev/stdout; so they are the process's own. Elsewhere they stay root's, as they always were.
     */
    private static PodShims.StreamOwner owner(PodSandbox sandbox, Container container) {
        var maps = UserNamespaces.of(sandbox.brief());
        var user = container.user();
        if (maps.isEmpty() || user.isEmpty()) {
            return new PodShims.StreamOwner(0, 0);
        }
        var uid = maps.get().uids().toHost(Integer.toUnsignedLong(user.get().uid()));
        var gid = maps.get().gids().toHost(Integer.toUnsignedLong(user.get().gid()));
        return uid < 0 || gid < 0 // one that the namespace has not: the runtime says so
                ? new PodShims.StreamOwner(0, 0)
                : new PodShims.StreamOwner((int) uid, (int) gid);
    }

    private int run(Shim shim, Container container) throws IOException {
        try {
            var pid = shim.start(container.id().value());
            if (container.restored()) {
                RestoredRights.requireHeld(
                        container.id().value(), node.paths().restore(container.id()));
            }
            return pid;
        } catch (ShimException.TimedOut late) {
            if (!container.restored()) {
                throw late;
            }
            var hangs =
                    new SandboxException.TimedOut(
                            "container %s: not restored, and ended: %s; its OCI runtime or CRIU hangs"
                                    .formatted(container.id(), late.getMessage()));
            hangs.initCause(late);
            throw hangs;
        } catch (ShimException.Failed failed) {
            if (!container.restored()) {
                throw failed;
            }
            var folder = node.paths().restore(container.id());
            throw new SandboxException.Failed(
                    "container %s: not restored: %s%s%s"
                            .formatted(
                                    container.id(),
                                    failed.getMessage(),
                                    RestoredRights.refusal(folder),
                                    Criu.complaint(folder.resolve("restore.log"))),
                    failed);
        }
    }

    /** What stays is in the ledger, for the next daemon or the container's removal. */
    private void forgetAfterStart(Container container) {
        try {
            node.forgetCheckpoint(container.id());
        } catch (SandboxException.Failed stays) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} runs; what it went on from is not removed yet: {1}",
                    container.id(),
                    stays.getMessage());
        }
    }

    private void failed(Container container, String handler, Exception failure) {
        var id = container.id();
        try {
            Operations.step(
                    "task.remove",
                    id.value(),
                    () -> {
                        watch.end(container, handler);
                        return true;
                    });
            logs.close(container);
            hostname.restore(container); // CRIU may have got as far as the name
            node.forgetCheckpoint(id); // it never will go on: no container is started twice
        } catch (IOException | RuntimeException stays) {
            failure.addSuppressed(stays); // the container's removal finishes it from the ledger
        }
        node.containers()
                .apply(
                        id,
                        new ContainerEvent.StartFailed(
                                node.clock().instant(), String.valueOf(failure.getMessage())));
        node.exits().happened(id);
        node.nri().stopContainer(container);
        LOG.log(
                Logger.Level.WARNING,
                "container={0} not started: {1}",
                id,
                String.valueOf(failure.getMessage()));
    }
}
