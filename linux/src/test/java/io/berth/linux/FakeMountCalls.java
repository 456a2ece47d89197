package io.berth.linux;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Mounting, done by {@link FakeMounts}. */
interface FakeMountCalls extends MountCalls {
    /** The mounts of this kernel. */
    FakeMounts fakeMounts();

    /** The path of a name in a directory; of the descriptor itself with an empty name. */
    static Path path(LinuxFd directory, String name) {
        if (name.startsWith("/")) {
            return Path.of(name);
        }
        if (directory == LinuxFd.AT_FDCWD) {
            return Path.of(name).toAbsolutePath();
        }
        try {
            var held = Files.readSymbolicLink(Path.of(directory.procPath()));
            return name.isEmpty() ? held : held.resolve(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A descriptor that holds a file of the fake's own. */
    static LinuxFd opened(Path held) throws LinuxException {
        return new LinuxCalls().open(held, Flags.O_RDONLY, 0);
    }

    @Override
    default void mount(String source, Path target, String type, Set<MountFlag> flags, String data)
            throws LinuxException {
        Steps.require("mount");
        fakeMounts().mount(source, target, type, flags, data);
    }

    @Override
    default void umount(Path target, Set<UmountFlag> flags) throws LinuxException {
        Steps.require("umount2");
        fakeMounts().umount(target, flags.contains(UmountFlag.DETACH));
    }

    @Override
    default LinuxFd fsopen(String type) throws LinuxException {
        return opened(fakeMounts().context(type));
    }

    @Override
    default void fsconfigString(LinuxFd context, String key, String value) throws LinuxException {
        fakeMounts().configure(path(context, ""), key, value);
    }

    @Override
    default void fsconfigFlag(LinuxFd context, String key) throws LinuxException {
        fakeMounts().configure(path(context, ""), key, "");
    }

    @Override
    default void fsconfigCreate(LinuxFd context) {
        Steps.require("fsconfig");
    }

    @Override
    default LinuxFd fsmount(LinuxFd context, long attributes) throws LinuxException {
        Steps.require("fsmount");
        return opened(fakeMounts().detached(path(context, ""), attributes));
    }

    @Override
    default LinuxFd openTreeClone(Path path, boolean recursive) throws LinuxException {
        Steps.require("open_tree");
        return opened(fakeMounts().clone(path));
    }

    @Override
    default void moveMount(LinuxFd mount, Path target) throws LinuxException {
        Steps.require("move_mount");
        fakeMounts().attach(path(mount, ""), target);
    }

    @Override
    default void mountSetattr(LinuxFd mount, long set, long clear, boolean recursive)
            throws LinuxException {
        Steps.require("mount_setattr");
        fakeMounts().change(path(mount, ""), set, clear);
    }

    @Override
    default void mountIdmap(LinuxFd mount, LinuxFd userns) throws LinuxException {
        Steps.require("mount_setattr");
        fakeMounts().change(path(mount, ""), Flags.MOUNT_ATTR_IDMAP, 0);
    }
}
