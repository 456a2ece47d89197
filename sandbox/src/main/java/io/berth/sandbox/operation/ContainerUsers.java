package io.berth.sandbox.operation;

import io.berth.imageservice.image.Image;
import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.spec.User;
import io.berth.sandbox.spec.Users;
import io.berth.storage.snapshot.MountSpec;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Finds out as whom a container runs, which can take the image's own /etc/passwd and /etc/group.
 * They are read through a mount that has no place in the file tree and ends with its descriptor, so
 * nothing of it can be left; no path in the image leads out of it.
 */
final class ContainerUsers {
    private static final int MAX_FILE_BYTES = 1 << 20;

    private final Node node;

    ContainerUsers(Node node) {
        this.node = node;
    }

    User resolve(Container container, Image image) throws IOException {
        var mount = node.storage().snapshotter().mounts(new SnapshotKey(container.id().value()));
        return Operations.step(
                "image.users",
                container.id().value(),
                () -> {
                    try (var root = root(mount.getFirst())) {
                        return Users.resolve(
                                container.config().getLinux().getSecurityContext(),
                                image.config().user(),
                                read(root, "etc/passwd"),
                                read(root, "etc/group"));
                    }
                });
    }

    private LinuxFd root(MountSpec mount) throws IOException {
        var linux = node.linux();
        if (!mount.type().equals("overlay")) {
            return linux.openat(
                    LinuxFd.AT_FDCWD,
                    mount.source(),
                    Flags.O_PATH | Flags.O_DIRECTORY | Flags.O_CLOEXEC,
                    0);
        }
        var upper = option(mount, "upperdir");
        var lower = option(mount, "lowerdir").orElse("");
        try (var context = linux.fsopen("overlay")) {
            linux.fsconfigString(
                    context, "lowerdir", upper.map(dir -> dir + ":" + lower).orElse(lower));
            linux.fsconfigCreate(context);
            return linux.fsmount(context, 0);
        }
    }

    private static Optional<String> option(MountSpec mount, String name) {
        var prefix = name + "=";
        return mount.options().stream()
                .filter(option -> option.startsWith(prefix))
                .map(option -> option.substring(prefix.length()))
                .findFirst();
    }

    private Optional<String> read(LinuxFd root, String path) throws IOException {
        Linux linux = node.linux();
        try (var file =
                linux.openat2(
                        root,
                        path,
                        Flags.O_RDONLY | Flags.O_CLOEXEC | Flags.O_NONBLOCK,
                        0,
                        Flags.RESOLVE_IN_ROOT)) {
            var bytes = ByteBuffer.allocate(MAX_FILE_BYTES);
            while (bytes.hasRemaining() && linux.read(file, bytes) > 0) {
                // until the end of the file or the limit
            }
            if (!bytes.hasRemaining()) {
                throw new IOException(
                        "image file %s: over %d bytes; berth reads no more of it"
                                .formatted(path, MAX_FILE_BYTES));
            }
            bytes.flip();
            return Optional.of(StandardCharsets.UTF_8.decode(bytes).toString());
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
