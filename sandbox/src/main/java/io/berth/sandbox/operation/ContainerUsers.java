package io.berth.sandbox.operation;

import io.berth.imageservice.image.Image;
import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.OverlayMounts;
import io.berth.linux.UmountFlag;
import io.berth.linux.foreign.ForeignFileRefused;
import io.berth.linux.foreign.ForeignFiles;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.spec.User;
import io.berth.sandbox.spec.Users;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * Finds out as whom a container runs, which can take the image's own /etc/passwd and /etc/group.
 * They are read through a mount that has no place in the file tree and ends with its descriptor, so
 * nothing of it can be left; no path in the image leads out of it.
 */
final class ContainerUsers {
    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final int FOLDER = Flags.O_PATH | Flags.O_DIRECTORY | Flags.O_CLOEXEC;

    private final Node node;

    ContainerUsers(Node node) {
        this.node = node;
    }

    User resolve(Container container, Image image) throws IOException {
        return Operations.step(
                "image.users",
                container.id().value(),
                () -> {
                    try (var root = root(container)) {
                        return Users.resolve(
                                container.config().getLinux().getSecurityContext(),
                                image.config().user(),
                                read(root, "etc/passwd", image),
                                read(root, "etc/group", image));
                    }
                });
    }

    /** The root of a container that is being made, as its image and its snapshot have it. */
    LinuxFd root(Container container) throws IOException {
        var linux = node.linux();
        var key = new SnapshotKey(container.id().value());
        var layers = SnapshotLayers.of(node.storage().snapshotters().mounts(key));
        if (layers.size() == 1) {
            return linux.openat(LinuxFd.AT_FDCWD, layers.getFirst().toString(), FOLDER, 0);
        }
        var overlays = new OverlayMounts(linux);
        try {
            return overlays.detached(layers);
        } catch (LinuxException old) {
            if (old.errno() != Errno.EINVAL || !OverlayMounts.needsOneByOne(layers)) {
                throw old;
            }
            return attached(overlays, layers, container.id());
        }
    }

    /** Where the kernel needs a place for so many layers: one that the ledger knows. */
    private LinuxFd attached(OverlayMounts overlays, List<Path> layers, ContainerId id)
            throws IOException {
        var place = node.paths().imageRoot(id);
        node.files().createDirectories(place, 0700);
        overlays.attach(layers, place);
        var root = node.linux().openat(LinuxFd.AT_FDCWD, place.toString(), FOLDER, 0);
        node.linux().umount(place, EnumSet.of(UmountFlag.DETACH, UmountFlag.NOFOLLOW));
        return root;
    }

    private Optional<String> read(LinuxFd root, String path, Image image) throws IOException {
        try {
            return new ForeignFiles(node.linux())
                    .read(root, path, MAX_FILE_BYTES)
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        } catch (ForeignFileRefused refused) {
            throw new SandboxException.InvalidRequest(
                    "image %s: file %s".formatted(image.id(), refused.getMessage()));
        } catch (LinuxException failure) {
            if (failure.errno() == Errno.ELOOP) {
                throw new SandboxException.InvalidRequest(
                        "image %s: file %s: found links in a circle, wanted a regular file"
                                .formatted(image.id(), path));
            }
            throw failure;
        }
    }
}
