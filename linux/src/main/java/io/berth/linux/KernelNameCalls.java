package io.berth.linux;

import io.berth.linux.step.Steps;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Names in directories, by the kernel. */
interface KernelNameCalls extends FileCalls {
    int OPEN_HOW_SIZE = 24;
    int OPEN_ATTEMPTS = 64;
    int DENTS_SIZE = 32 * 1024;
    int LINK_SIZE = 4097;
    int FIONREAD = 0x541B;

    @Override
    default LinuxFd openat(LinuxFd directory, String path, int flags, int mode)
            throws LinuxException {
        if ((flags & (Flags.O_CREAT | Flags.O_TRUNC)) != 0) {
            Steps.require("openat");
        }
        Object subject = Words.in(directory, path);
        try (var arena = Arena.ofConfined()) {
            long fd =
                    Syscall.call(
                            arena,
                            "openat",
                            subject,
                            Numbers.OPENAT,
                            directory.number(),
                            Words.text(arena, path),
                            flags | Flags.O_CLOEXEC,
                            mode);
            return new LinuxFd((int) fd, subject);
        }
    }

    @Override
    default LinuxFd openat2(LinuxFd directory, String path, int flags, int mode, long resolve)
            throws LinuxException {
        if ((flags & (Flags.O_CREAT | Flags.O_TRUNC)) != 0) {
            Steps.require("openat2");
        }
        Object subject = Words.in(directory, path);
        try (var arena = Arena.ofConfined()) {
            var how = arena.allocate(OPEN_HOW_SIZE, 8);
            how.set(ValueLayout.JAVA_LONG, 0, flags | Flags.O_CLOEXEC);
            how.set(ValueLayout.JAVA_LONG, 8, mode);
            how.set(ValueLayout.JAVA_LONG, 16, resolve);
            long name = Words.text(arena, path);
            for (int attempt = 1; ; attempt++) {
                long fd =
                        Syscall.raw(
                                arena,
                                Numbers.OPENAT2,
                                directory.number(),
                                name,
                                how.address(),
                                OPEN_HOW_SIZE);
                if (fd >= 0) {
                    return new LinuxFd((int) fd, subject);
                }
                // EAGAIN: a rename on the way could have led a ".." astray
                boolean again =
                        fd == -Errno.EINTR || (fd == -Errno.EAGAIN && attempt < OPEN_ATTEMPTS);
                if (!again) {
                    throw new LinuxException("openat2", (int) -fd, subject);
                }
            }
        }
    }

    @Override
    default void mkdirat(LinuxFd directory, String name, int mode) throws LinuxException {
        Steps.require("mkdirat");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "mkdirat",
                    Words.in(directory, name),
                    Numbers.MKDIRAT,
                    directory.number(),
                    Words.text(arena, name),
                    mode);
        }
    }

    @Override
    default void mknodat(LinuxFd directory, String name, int mode, long device)
            throws LinuxException {
        Steps.require("mknodat");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "mknodat",
                    Words.in(directory, name),
                    Numbers.MKNODAT,
                    directory.number(),
                    Words.text(arena, name),
                    mode,
                    device);
        }
    }

    @Override
    default void symlinkat(String target, LinuxFd directory, String name) throws LinuxException {
        Steps.require("symlinkat");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "symlinkat",
                    Words.in(directory, name),
                    Numbers.SYMLINKAT,
                    Words.text(arena, target),
                    directory.number(),
                    Words.text(arena, name));
        }
    }

    @Override
    default void linkat(LinuxFd oldDirectory, String oldName, LinuxFd newDirectory, String newName)
            throws LinuxException {
        Steps.require("linkat");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "linkat",
                    Words.in(newDirectory, newName),
                    Numbers.LINKAT,
                    oldDirectory.number(),
                    Words.text(arena, oldName),
                    newDirectory.number(),
                    Words.text(arena, newName),
                    0);
        }
    }

    @Override
    default void unlinkat(LinuxFd directory, String name, int flags) throws LinuxException {
        Steps.require("unlinkat");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "unlinkat",
                    Words.in(directory, name),
                    Numbers.UNLINKAT,
                    directory.number(),
                    Words.text(arena, name),
                    flags);
        }
    }

    @Override
    default void renameat2(Rename rename, int flags) throws LinuxException {
        Steps.require("renameat2");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "renameat2",
                    Words.in(rename.toDirectory(), rename.toName()),
                    Numbers.RENAMEAT2,
                    rename.fromDirectory().number(),
                    Words.text(arena, rename.fromName()),
                    rename.toDirectory().number(),
                    Words.text(arena, rename.toName()),
                    flags);
        }
    }

    @Override
    default String readlinkat(LinuxFd directory, String name) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var target = arena.allocate(LINK_SIZE);
            long length =
                    Syscall.call(
                            arena,
                            "readlinkat",
                            Words.in(directory, name),
                            Numbers.READLINKAT,
                            directory.number(),
                            Words.text(arena, name),
                            target.address(),
                            LINK_SIZE);
            return Words.text(target.asSlice(0, length));
        }
    }

    @Override
    default Stat fstatat(LinuxFd directory, String name) throws LinuxException {
        return Structs.statx(directory, name, Flags.AT_SYMLINK_NOFOLLOW);
    }

    @Override
    default Stat fstat(LinuxFd file) throws LinuxException {
        return Structs.statx(file, "", Flags.AT_EMPTY_PATH);
    }

    @Override
    default int unread(LinuxFd file) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var count = arena.allocate(ValueLayout.JAVA_INT);
            var _ =
                    Syscall.call(
                            arena,
                            "ioctl",
                            file,
                            Numbers.IOCTL,
                            file.number(),
                            FIONREAD,
                            count.address());
            return count.get(ValueLayout.JAVA_INT, 0);
        }
    }

    @Override
    default List<DirectoryEntry> getdents(LinuxFd directory) throws LinuxException {
        var entries = new ArrayList<DirectoryEntry>();
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(DENTS_SIZE, 8);
            while (entries.isEmpty()) {
                long length =
                        Syscall.call(
                                arena,
                                "getdents64",
                                directory,
                                Numbers.GETDENTS64,
                                directory.number(),
                                buffer.address(),
                                DENTS_SIZE);
                if (length == 0) {
                    break;
                }
                Structs.entries(buffer.asSlice(0, length), entries);
            }
        }
        return entries;
    }

    @Override
    default void fchownat(LinuxFd directory, String name, int uid, int gid) throws LinuxException {
        Steps.require("fchownat");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "fchownat",
                    Words.in(directory, name),
                    Numbers.FCHOWNAT,
                    directory.number(),
                    Words.text(arena, name),
                    uid,
                    gid,
                    Flags.AT_SYMLINK_NOFOLLOW);
        }
    }

    @Override
    default void fchown(LinuxFd file, int uid, int gid) throws LinuxException {
        Steps.require("fchown");
        Syscall.call("fchown", file, Numbers.FCHOWN, file.number(), uid, gid);
    }

    @Override
    default void fchmodat(LinuxFd directory, String name, int mode) throws LinuxException {
        Steps.require("fchmodat");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "fchmodat",
                    Words.in(directory, name),
                    Numbers.FCHMODAT,
                    directory.number(),
                    Words.text(arena, name),
                    mode);
        }
    }

    @Override
    default void fchmod(LinuxFd file, int mode) throws LinuxException {
        Steps.require("fchmod");
        Syscall.call("fchmod", file, Numbers.FCHMOD, file.number(), mode);
    }

    @Override
    default void utimensat(LinuxFd directory, String name, Instant accessed, Instant modified)
            throws LinuxException {
        Steps.require("utimensat");
        try (var arena = Arena.ofConfined()) {
            var times = arena.allocate(32, 8);
            times.set(ValueLayout.JAVA_LONG, 0, accessed.getEpochSecond());
            times.set(ValueLayout.JAVA_LONG, 8, accessed.getNano());
            times.set(ValueLayout.JAVA_LONG, 16, modified.getEpochSecond());
            times.set(ValueLayout.JAVA_LONG, 24, modified.getNano());
            int flags = Flags.AT_SYMLINK_NOFOLLOW | (name.isEmpty() ? Flags.AT_EMPTY_PATH : 0);
            Syscall.call(
                    arena,
                    "utimensat",
                    Words.in(directory, name),
                    Numbers.UTIMENSAT,
                    directory.number(),
                    Words.text(arena, name),
                    times.address(),
                    flags);
        }
    }
}
