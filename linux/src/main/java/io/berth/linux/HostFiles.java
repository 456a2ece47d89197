package io.berth.linux;

import static io.berth.linux.LinuxFd.AT_FDCWD;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files outside our stores: bundles, FIFOs, pins, caches. Every method needs an open step, and
 * repeats well: what is already as wanted is success.
 */
public final class HostFiles {
    private static final AtomicLong TEMPORARY = new AtomicLong();
    private final Linux linux;

    public HostFiles(Linux linux) {
        this.linux = linux;
    }

    /** Makes a directory and those above it; the ones it makes get exactly {@code mode}. */
    public void createDirectories(Path directory, int mode) throws IOException {
        Steps.require("create directories");
        Deque<Path> missing = new ArrayDeque<>();
        Path at = directory.toAbsolutePath();
        while (at != null && !isDirectory(at)) {
            missing.push(at);
            at = at.getParent();
        }
        for (Path path : missing) {
            try {
                linux.mkdirat(AT_FDCWD, path.toString(), mode);
                linux.fchmodat(AT_FDCWD, path.toString(), mode);
            } catch (LinuxException raced) {
                if (raced.errno() != Errno.EEXIST || !isDirectory(path)) {
                    throw raced;
                }
            }
        }
    }

    private boolean isDirectory(Path path) throws LinuxException {
        try (var _ = linux.open(path, Flags.O_PATH | Flags.O_DIRECTORY, 0)) {
            return true;
        } catch (LinuxException absent) {
            if (absent.errno() == Errno.ENOENT || absent.errno() == Errno.ENOTDIR) {
                return false;
            }
            throw absent;
        }
    }

    /**
     * Replaces a file by {@code content}: readers see the old or the new, never a part, and after a
     * power cut too. A failure leaves the old one. The file gets exactly {@code mode}.
     */
    public void write(Path file, byte[] content, int mode) throws IOException {
        Steps.require("write file");
        replace(file, content, mode, true);
    }

    /**
     * The same for a file that means nothing once the machine has been booted anew: what a power
     * cut leaves of it is not told. Nobody waits for a disk.
     */
    public void writeForThisBoot(Path file, byte[] content, int mode) throws IOException {
        Steps.require("write file");
        replace(file, content, mode, false);
    }

    private void replace(Path file, byte[] content, int mode, boolean synced) throws IOException {
        Path parent = parent(file);
        String name = file.getFileName().toString();
        String temporary =
                ".%s.%d.%d.tmp".formatted(name, linux.getpid(), TEMPORARY.incrementAndGet());
        try (var directory = linux.open(parent, Flags.O_RDONLY | Flags.O_DIRECTORY, 0)) {
            try {
                int create = Flags.O_WRONLY | Flags.O_CREAT | Flags.O_EXCL | Flags.O_NOFOLLOW;
                try (var out = linux.openat(directory, temporary, create, 0600)) {
                    linux.writeFully(out, ByteBuffer.wrap(content));
                    linux.fchmod(out, mode);
                    if (synced) {
                        linux.fsync(out);
                    }
                }
                linux.renameat2(new FileCalls.Rename(directory, temporary, directory, name), 0);
            } catch (IOException failed) {
                try {
                    linux.unlinkat(directory, temporary, 0);
                } catch (LinuxException alsoFailed) {
                    failed.addSuppressed(alsoFailed);
                }
                throw failed;
            }
            if (synced) {
                linux.fsync(directory);
            }
        }
    }

    /**
     * Removes what a crash in {@link #write} left of files whose names begin with {@code prefix};
     * no error when there is no such folder. Nothing may be writing such a file.
     */
    public void deleteTemporaries(Path folder, String prefix) throws IOException {
        Steps.require("delete temporaries");
        try (var left = Files.newDirectoryStream(folder, file -> isTemporary(file, prefix))) {
            for (var file : left) {
                deleteIfExists(file);
            }
        } catch (NoSuchFileException | NotDirectoryException none) {
            return;
        }
    }

    private static boolean isTemporary(Path file, String prefix) {
        var name = file.getFileName().toString();
        return name.startsWith("." + prefix) && name.endsWith(".tmp");
    }

    /**
     * Removes a file, or a directory with all in it. Symlinks are removed, not followed.
     *
     * @throws LinuxException EXDEV or EBUSY when a mount point is at or below {@code path}: nothing
     *     beyond it has been touched
     */
    public void deleteTree(Path path) throws IOException {
        Steps.require("delete tree");
        new TreeRemoval(linux).remove(path.toAbsolutePath());
    }

    /**
     * Detaches everything that is mounted at or below a directory, the last mount first, and
     * removes the directory with all in it. A failure leaves the rest mounted and in place.
     */
    public void detachAndDeleteTree(Path path) throws IOException {
        Steps.require("detach and delete tree");
        // The kernel lists a mount after what it is mounted on.
        for (var mount : linux.mountsBelow(path).reversed()) {
            try {
                linux.umount(
                        mount.mountPoint(), EnumSet.of(UmountFlag.DETACH, UmountFlag.NOFOLLOW));
            } catch (LinuxException e) {
                if (!linux.mountsBelow(mount.mountPoint()).isEmpty()) {
                    throw e; // else it has gone in between
                }
            }
        }
        deleteTree(path);
    }

    /** Removes a file or an empty directory; whether there was one. */
    public boolean deleteIfExists(Path path) throws IOException {
        Steps.require("delete");
        try {
            boolean directory = linux.lstat(path).isDirectory();
            linux.unlinkat(AT_FDCWD, path.toString(), directory ? Flags.AT_REMOVEDIR : 0);
            return true;
        } catch (LinuxException gone) {
            if (gone.errno() != Errno.ENOENT && gone.errno() != Errno.ENOTDIR) {
                throw gone;
            }
            return false;
        }
    }

    /** Makes a FIFO with exactly {@code mode}; one that is there stays as it is. */
    public void mkfifo(Path path, int mode) throws IOException {
        Steps.require("mkfifo");
        try {
            linux.mkfifo(path, mode);
            linux.fchmodat(AT_FDCWD, path.toString(), mode);
        } catch (LinuxException exists) {
            if (exists.errno() != Errno.EEXIST || linux.lstat(path).type() != Flags.S_IFIFO) {
                throw exists;
            }
        }
    }

    /** Makes the symlink {@code link} that says {@code target}; one that says so already stays. */
    public void symlink(String target, Path link) throws IOException {
        Steps.require("symlink");
        try {
            linux.symlinkat(target, AT_FDCWD, link.toString());
        } catch (LinuxException exists) {
            boolean same =
                    exists.errno() == Errno.EEXIST
                            && linux.lstat(link).isSymlink()
                            && linux.readlinkat(AT_FDCWD, link.toString()).equals(target);
            if (!same) {
                throw exists;
            }
        }
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(
                    "file: found \"%s\", wanted one inside a directory".formatted(file));
        }
        return parent;
    }
}
