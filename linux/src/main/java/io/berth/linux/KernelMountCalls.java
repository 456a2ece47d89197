package io.berth.linux;

import io.berth.linux.step.Steps;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Set;

/** Mounting, done by the kernel. */
interface KernelMountCalls extends MountCalls {
    int FSCONFIG_SET_FLAG = 0;
    int FSCONFIG_SET_STRING = 1;
    int FSCONFIG_CMD_CREATE = 6;
    int MOUNT_ATTR_SIZE = 32;

    @Override
    default void mount(String source, Path target, String type, Set<MountFlag> flags, String data)
            throws LinuxException {
        Steps.require("mount");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "mount",
                    target,
                    Numbers.MOUNT,
                    Words.text(arena, source),
                    Words.path(arena, target),
                    Words.text(arena, type),
                    MountFlag.bits(flags),
                    Words.text(arena, data));
        }
    }

    @Override
    default void umount(Path target, Set<UmountFlag> flags) throws LinuxException {
        Steps.require("umount2");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "umount2",
                    target,
                    Numbers.UMOUNT2,
                    Words.path(arena, target),
                    UmountFlag.bits(flags));
        }
    }

    @Override
    default LinuxFd fsopen(String type) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            long fd =
                    Syscall.call(arena, "fsopen", type, Numbers.FSOPEN, Words.text(arena, type), 1);
            return new LinuxFd((int) fd, type + " file system");
        }
    }

    @Override
    default void fsconfigString(LinuxFd context, String key, String value) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "fsconfig",
                    context + " option " + key,
                    Numbers.FSCONFIG,
                    context.number(),
                    FSCONFIG_SET_STRING,
                    Words.text(arena, key),
                    Words.text(arena, value));
        }
    }

    @Override
    default void fsconfigFlag(LinuxFd context, String key) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "fsconfig",
                    context + " option " + key,
                    Numbers.FSCONFIG,
                    context.number(),
                    FSCONFIG_SET_FLAG,
                    Words.text(arena, key));
        }
    }

    @Override
    default void fsconfigCreate(LinuxFd context) throws LinuxException {
        Steps.require("fsconfig");
        Syscall.call("fsconfig", context, Numbers.FSCONFIG, context.number(), FSCONFIG_CMD_CREATE);
    }

    @Override
    default LinuxFd fsmount(LinuxFd context, long attributes) throws LinuxException {
        Steps.require("fsmount");
        long fd =
                Syscall.call(
                        "fsmount",
                        context,
                        Numbers.FSMOUNT,
                        context.number(),
                        Flags.FSMOUNT_CLOEXEC,
                        attributes);
        return new LinuxFd((int) fd, context + " mount");
    }

    @Override
    default LinuxFd openTreeClone(Path path, boolean recursive) throws LinuxException {
        Steps.require("open_tree");
        int flags = Flags.OPEN_TREE_CLONE | Flags.O_CLOEXEC | (recursive ? Flags.AT_RECURSIVE : 0);
        try (var arena = Arena.ofConfined()) {
            long fd =
                    Syscall.call(
                            arena,
                            "open_tree",
                            path,
                            Numbers.OPEN_TREE,
                            LinuxFd.AT_FDCWD.number(),
                            Words.path(arena, path),
                            flags);
            return new LinuxFd((int) fd, path + " (detached copy)");
        }
    }

    @Override
    default void moveMount(LinuxFd mount, Path target) throws LinuxException {
        Steps.require("move_mount");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "move_mount",
                    target,
                    Numbers.MOVE_MOUNT,
                    mount.number(),
                    Words.text(arena, ""),
                    LinuxFd.AT_FDCWD.number(),
                    Words.path(arena, target),
                    Flags.MOVE_MOUNT_F_EMPTY_PATH);
        }
    }

    @Override
    default void mountSetattr(LinuxFd mount, long set, long clear, boolean recursive)
            throws LinuxException {
        setattr(mount, new long[] {set, clear, 0, 0}, recursive);
    }

    @Override
    default void mountIdmap(LinuxFd mount, LinuxFd userns) throws LinuxException {
        setattr(mount, new long[] {Flags.MOUNT_ATTR_IDMAP, 0, 0, userns.number()}, false);
    }

    /** The four words of struct mount_attr: set, clear, propagation, user namespace. */
    private static void setattr(LinuxFd mount, long[] words, boolean recursive)
            throws LinuxException {
        Steps.require("mount_setattr");
        try (var arena = Arena.ofConfined()) {
            var attributes = arena.allocateFrom(ValueLayout.JAVA_LONG, words);
            Syscall.call(
                    arena,
                    "mount_setattr",
                    mount,
                    Numbers.MOUNT_SETATTR,
                    mount.number(),
                    Words.text(arena, ""),
                    Flags.AT_EMPTY_PATH | (recursive ? Flags.AT_RECURSIVE : 0),
                    attributes.address(),
                    MOUNT_ATTR_SIZE);
        }
    }
}
