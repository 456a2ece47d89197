package io.berth.sandbox.operation;

import io.berth.cri.v1.CheckpointContainerRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.resource.Planned;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.storage.layer.DirectoryTar;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;

/**
 * Saves a running container to an archive, from which its memory can be looked at, or it can be
 * restored elsewhere. It stands still meanwhile and goes on afterwards. The archive is there whole
 * or not at all.
 */
final class CheckpointContainer {
    private static final Logger LOG = System.getLogger(CheckpointContainer.class.getName());

    /** When the caller names none. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Node node;
    private final Criu criu;
    private final ContainerCheckpoint checkpoint;

    CheckpointContainer(Node node, Criu criu, ContainerCheckpoint checkpoint) {
        this.node = node;
        this.criu = criu;
        this.checkpoint = checkpoint;
    }

    void run(CheckpointContainerRequest request) {
        FieldPolicy.check(request);
        var container = node.container(request.getContainerId());
        var location = location(request.getLocation());
        var timeout =
                request.getTimeout() > 0
                        ? Duration.ofSeconds(Math.min(request.getTimeout(), Integer.MAX_VALUE))
                        : TIMEOUT;
        node.operations()
                .run(
                        new OperationKey("CheckpointContainer", container.id() + " " + location),
                        "",
                        () -> {
                            node.adoptions().await(container.sandbox());
                            return node.operations()
                                    .exclusively(
                                            container.sandbox() + "/checkpoint",
                                            () -> save(container.id(), location, timeout));
                        });
    }

    private static Path location(String given) {
        try {
            var path = Path.of(given);
            if (path.isAbsolute()
                    && path.normalize().equals(path)
                    && path.getParent() != null
                    && Files.isDirectory(path.getParent())
                    && !Files.isDirectory(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw new SandboxException.InvalidRequest(
                "location: found '%s', wanted the absolute path of a file in a folder that is there"
                        .formatted(given));
    }

    private boolean save(ContainerId id, Path location, Duration timeout) throws IOException {
        var container = node.container(id.value());
        if (!(container.state() instanceof ContainerState.Running)) {
            throw new SandboxException.WrongState(
                    "container %s: is %s, only a running one can be checkpointed"
                            .formatted(id, container.state().word()));
        }
        criu.require();
        var folder = node.paths().checkpoint(id);
        var begun = node.clock().instant();
        node.forgetCheckpoint(id); // what a crash may have left
        node.plan(id, new Planned(ResourceKind.DIRECTORY, folder));
        try {
            fill(container, folder, timeout);
            Operations.step(
                    "checkpoint.archive", location.toString(), () -> archive(folder, location));
        } finally {
            node.forgetCheckpoint(id);
        }
        LOG.log(
                Logger.Level.INFO,
                "container={0} checkpointed to {1} in {2} ms",
                id,
                location,
                Long.toString(Duration.between(begun, node.clock().instant()).toMillis()));
        return true;
    }

    private void fill(Container container, Path folder, Duration timeout) throws IOException {
        var shim = node.shims().require(container.sandbox());
        Operations.step(
                "directory.create",
                folder.toString(),
                () -> {
                    node.files().createDirectories(folder, 0700);
                    return true;
                });
        try {
            checkpoint.pause(container, shim);
            checkpoint.save(container, shim, folder, timeout);
        } finally {
            checkpoint.resume(container, shim);
        }
    }

    /** Beside its place first, so that nobody sees a part of it. */
    private boolean archive(Path folder, Path location) throws IOException {
        var temporary = location.resolveSibling("." + location.getFileName() + ".berth-tmp");
        Files.deleteIfExists(temporary);
        try (var file =
                FileChannel.open(
                        temporary,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            new DirectoryTar(node.linux()).write(folder, Channels.newOutputStream(file));
            file.force(true);
            Files.move(
                    temporary,
                    location,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            Files.deleteIfExists(temporary);
            throw failed;
        }
        return true;
    }
}
