package io.berth.linux;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * Files by directory handle. Flag bits are in {@link Flags}; descriptors are opened close-on-exec.
 * Calls on paths of foreign file systems may block: see {@link BlockingCalls}.
 */
public interface FileCalls {
    /** openat(2) from the current directory. */
    default LinuxFd open(Path path, int flags, int mode) throws LinuxException {
        return openat(LinuxFd.AT_FDCWD, path.toString(), flags, mode);
    }

    /** openat(2). Needs an open step when it may create or truncate. */
    LinuxFd openat(LinuxFd directory, String path, int flags, int mode) throws LinuxException;

    /**
     * openat2(2), kernel 5.6: as openat, with {@code RESOLVE_} bits. EXDEV or ELOOP on an escape.
     */
    LinuxFd openat2(LinuxFd directory, String path, int flags, int mode, long resolve)
            throws LinuxException;

    /** mkdirat(2); the mode is subject to the umask. */
    void mkdirat(LinuxFd directory, String name, int mode) throws LinuxException;

    /** mknodat(2). {@code mode} holds the type; {@code device} as of {@link Flags#device}. */
    void mknodat(LinuxFd directory, String name, int mode, long device) throws LinuxException;

    /** mkfifo(3), subject to the umask. */
    default void mkfifo(Path path, int mode) throws LinuxException {
        mknodat(LinuxFd.AT_FDCWD, path.toString(), Flags.S_IFIFO | (mode & 07777), 0);
    }

    /** symlinkat(2): {@code name} becomes a link that says {@code target}. */
    void symlinkat(String target, LinuxFd directory, String name) throws LinuxException;

    /** linkat(2): a hard link; an existing symlink is linked itself, not followed. */
    void linkat(LinuxFd oldDirectory, String oldName, LinuxFd newDirectory, String newName)
            throws LinuxException;

    /** unlinkat(2); with AT_REMOVEDIR an empty directory. */
    void unlinkat(LinuxFd directory, String name, int flags) throws LinuxException;

    /** renameat2(2) with {@code RENAME_} bits. */
    void renameat2(Rename rename, int flags) throws LinuxException;

    /** renameat2(2) from the current directory, replacing the target atomically. */
    default void rename(Path from, Path to) throws LinuxException {
        renameat2(
                new Rename(LinuxFd.AT_FDCWD, from.toString(), LinuxFd.AT_FDCWD, to.toString()), 0);
    }

    /** Where from and where to. */
    record Rename(LinuxFd fromDirectory, String fromName, LinuxFd toDirectory, String toName) {}

    /** readlinkat(2); an empty name reads a link held by an O_PATH descriptor. */
    String readlinkat(LinuxFd directory, String name) throws LinuxException;

    /** statx(2) of the name itself: a symlink is not followed. */
    Stat fstatat(LinuxFd directory, String name) throws LinuxException;

    /** statx(2) of an open file. */
    Stat fstat(LinuxFd file) throws LinuxException;

    /**
     * ioctl(2) FIONREAD: how many bytes a reader of a FIFO or terminal would find, of those in it.
     */
    int unread(LinuxFd file) throws LinuxException;

    /** statx(2) of a path, not following a symlink at its end. */
    default Stat lstat(Path path) throws LinuxException {
        return fstatat(LinuxFd.AT_FDCWD, path.toString());
    }

    /** getdents64(2): the next entries without {@code .} and {@code ..}; empty at the end. */
    List<DirectoryEntry> getdents(LinuxFd directory) throws LinuxException;

    /** A name in a directory; {@code type} is a {@code DT_} number: 4 directory, 0 unknown. */
    record DirectoryEntry(String name, int type) {
        /** DT_DIR (dirent.h). */
        public static final int DIRECTORY = 4;

        /** DT_UNKNOWN: the file system does not say; ask fstatat. */
        public static final int UNKNOWN = 0;
    }

    /** fchownat(2) of the name itself: a symlink is not followed. */
    void fchownat(LinuxFd directory, String name, int uid, int gid) throws LinuxException;

    /** fchown(2). */
    void fchown(LinuxFd file, int uid, int gid) throws LinuxException;

    /** fchmodat(2): a symlink is followed, so the caller knows that {@code name} is none. */
    void fchmodat(LinuxFd directory, String name, int mode) throws LinuxException;

    /** fchmod(2); not for O_PATH descriptors. */
    void fchmod(LinuxFd file, int mode) throws LinuxException;

    /** utimensat(2) of the name itself, to the nanosecond; an empty name means the descriptor. */
    void utimensat(LinuxFd directory, String name, Instant accessed, Instant modified)
            throws LinuxException;

    /** read(2): at most what {@code buffer} has room for; 0 at the end. */
    int read(LinuxFd file, ByteBuffer buffer) throws LinuxException;

    /** write(2): may write less than {@code buffer} holds. */
    int write(LinuxFd file, ByteBuffer buffer) throws LinuxException;

    /** write(2) until {@code buffer} is empty. Not for O_NONBLOCK descriptors. */
    default void writeFully(LinuxFd file, ByteBuffer buffer) throws LinuxException {
        while (buffer.hasRemaining()) {
            var _ = write(file, buffer);
        }
    }

    /** pread64(2). */
    int pread(LinuxFd file, ByteBuffer buffer, long offset) throws LinuxException;

    /** pwrite64(2): may write less than {@code buffer} holds. */
    int pwrite(LinuxFd file, ByteBuffer buffer, long offset) throws LinuxException;

    /** lseek(2): the new offset. */
    long lseek(LinuxFd file, long offset, int whence) throws LinuxException;

    /** ftruncate(2). */
    void ftruncate(LinuxFd file, long sizeBytes) throws LinuxException;

    /** fallocate(2) mode 0: reserves the space, growing the file. */
    void fallocate(LinuxFd file, long offset, long sizeBytes) throws LinuxException;

    /** copy_file_range(2): how many bytes were copied; 0 at the end. */
    long copyFileRange(LinuxFd from, LinuxFd to, long sizeBytes) throws LinuxException;

    /** fsync(2): content and attributes are on disk. Blocks. */
    void fsync(LinuxFd file) throws LinuxException;

    /** fdatasync(2): content is on disk. Blocks. */
    void fdatasync(LinuxFd file) throws LinuxException;

    /** syncfs(2): the whole file system of {@code file} is on disk. Blocks. */
    void syncfs(LinuxFd file) throws LinuxException;

    /** statfs(2). */
    StatFs statfs(Path path) throws LinuxException;

    /**
     * flock(2): false when {@code nonblock} and another holds it. Released when all copies close.
     */
    boolean flock(LinuxFd file, boolean exclusive, boolean nonblock) throws LinuxException;

    /** flock(2) LOCK_UN. */
    void funlock(LinuxFd file) throws LinuxException;
}
