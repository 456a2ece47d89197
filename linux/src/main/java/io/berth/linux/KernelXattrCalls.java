package io.berth.linux;

import io.berth.linux.step.Steps;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Extended attributes, by the kernel. */
interface KernelXattrCalls extends XattrCalls {
    @Override
    default void lsetxattr(Path path, String name, byte[] value, int flags) throws LinuxException {
        Steps.require("lsetxattr");
        try (var arena = Arena.ofConfined()) {
            Xattrs.set(
                    arena,
                    "lsetxattr",
                    Numbers.LSETXATTR,
                    path,
                    Words.path(arena, path),
                    name,
                    value,
                    flags);
        }
    }

    @Override
    default void lsetxattrat(LinuxFd directory, String file, String name, byte[] value)
            throws LinuxException {
        Steps.require("lsetxattr");
        String path = directory.procPath() + "/" + file;
        Object subject = Words.in(directory, file);
        try (var arena = Arena.ofConfined()) {
            long word = Words.text(arena, path);
            Xattrs.set(arena, "lsetxattr", Numbers.LSETXATTR, subject, word, name, value, 0);
        }
    }

    @Override
    default Optional<byte[]> lgetxattr(Path path, String name) throws LinuxException {
        return Xattrs.get(
                "lgetxattr", Numbers.LGETXATTR, path, arena -> Words.path(arena, path), name);
    }

    @Override
    default List<String> llistxattr(Path path) throws LinuxException {
        return Xattrs.list(
                "llistxattr", Numbers.LLISTXATTR, path, arena -> Words.path(arena, path));
    }

    @Override
    default void lremovexattr(Path path, String name) throws LinuxException {
        Steps.require("lremovexattr");
        try (var arena = Arena.ofConfined()) {
            Syscall.call(
                    arena,
                    "lremovexattr",
                    path,
                    Numbers.LREMOVEXATTR,
                    Words.path(arena, path),
                    Words.text(arena, name));
        } catch (LinuxException absent) {
            if (absent.errno() != Errno.ENODATA) {
                throw absent;
            }
        }
    }

    @Override
    default void fsetxattr(LinuxFd file, String name, byte[] value, int flags)
            throws LinuxException {
        Steps.require("fsetxattr");
        try (var arena = Arena.ofConfined()) {
            Xattrs.set(
                    arena, "fsetxattr", Numbers.FSETXATTR, file, file.number(), name, value, flags);
        }
    }

    @Override
    default Optional<byte[]> fgetxattr(LinuxFd file, String name) throws LinuxException {
        return Xattrs.get("fgetxattr", Numbers.FGETXATTR, file, arena -> file.number(), name);
    }

    @Override
    default List<String> flistxattr(LinuxFd file) throws LinuxException {
        return Xattrs.list("flistxattr", Numbers.FLISTXATTR, file, arena -> file.number());
    }
}
