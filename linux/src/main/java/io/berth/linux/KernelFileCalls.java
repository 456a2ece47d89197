package io.berth.linux;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Bytes of open files, by the kernel. What is open for writing was opened within a step. */
interface KernelFileCalls extends KernelNameCalls {
    int LOCK_SH = 1;
    int LOCK_EX = 2;
    int LOCK_NB = 4;
    int LOCK_UN = 8;

    @Override
    default int read(LinuxFd file, ByteBuffer buffer) throws LinuxException {
        return Transfer.in("read", Numbers.READ, file, buffer, -1);
    }

    @Override
    default int pread(LinuxFd file, ByteBuffer buffer, long offset) throws LinuxException {
        return Transfer.in("pread64", Numbers.PREAD64, file, buffer, offset);
    }

    @Override
    default int write(LinuxFd file, ByteBuffer buffer) throws LinuxException {
        return Transfer.out("write", Numbers.WRITE, file, buffer, -1);
    }

    @Override
    default int pwrite(LinuxFd file, ByteBuffer buffer, long offset) throws LinuxException {
        return Transfer.out("pwrite64", Numbers.PWRITE64, file, buffer, offset);
    }

    @Override
    default long lseek(LinuxFd file, long offset, int whence) throws LinuxException {
        long result = Syscall.call("lseek", file, Numbers.LSEEK, file.number(), offset, whence);
        return result;
    }

    @Override
    default void ftruncate(LinuxFd file, long sizeBytes) throws LinuxException {
        Syscall.call("ftruncate", file, Numbers.FTRUNCATE, file.number(), sizeBytes);
    }

    @Override
    default void fallocate(LinuxFd file, long offset, long sizeBytes) throws LinuxException {
        Syscall.call("fallocate", file, Numbers.FALLOCATE, file.number(), 0, offset, sizeBytes);
    }

    @Override
    default long copyFileRange(LinuxFd from, LinuxFd to, long sizeBytes) throws LinuxException {
        long result =
                Syscall.call(
                        "copy_file_range",
                        to,
                        Numbers.COPY_FILE_RANGE,
                        from.number(),
                        0,
                        to.number(),
                        0,
                        sizeBytes,
                        0);
        return result;
    }

    @Override
    default void fsync(LinuxFd file) throws LinuxException {
        Syscall.call("fsync", file, Numbers.FSYNC, file.number());
    }

    @Override
    default void fdatasync(LinuxFd file) throws LinuxException {
        Syscall.call("fdatasync", file, Numbers.FDATASYNC, file.number());
    }

    @Override
    default void syncfs(LinuxFd file) throws LinuxException {
        Syscall.call("syncfs", file, Numbers.SYNCFS, file.number());
    }

    @Override
    default StatFs statfs(Path path) throws LinuxException {
        return Structs.statfs(path);
    }

    @Override
    default boolean flock(LinuxFd file, boolean exclusive, boolean nonblock) throws LinuxException {
        int operation = (exclusive ? LOCK_EX : LOCK_SH) | (nonblock ? LOCK_NB : 0);
        try {
            Syscall.call("flock", file, Numbers.FLOCK, file.number(), operation);
            return true;
        } catch (LinuxException held) {
            if (nonblock && held.errno() == Errno.EAGAIN) {
                return false;
            }
            throw held;
        }
    }

    @Override
    default void funlock(LinuxFd file) throws LinuxException {
        Syscall.call("flock", file, Numbers.FLOCK, file.number(), LOCK_UN);
    }
}
