package io.berth.linux.foreign;

import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Opens and reads regular files of trees that others fill.
 *
 * <p>A path is resolved to a descriptor that only names the file (O_PATH), so that looking at it
 * runs no driver and waits for nobody. Only a regular file within the size limit is then opened,
 * through that descriptor: whoever exchanges the name meanwhile changes nothing. Device nodes,
 * FIFOs, sockets and directories are refused and never opened.
 */
public final class ForeignFiles {
    private static final int LOOK = Flags.O_PATH | Flags.O_CLOEXEC;

    /** O_NONBLOCK: a lease that somebody holds on the file is an error and no wait. */
    private static final int READ =
            Flags.O_RDONLY | Flags.O_CLOEXEC | Flags.O_NONBLOCK | Flags.O_NOCTTY;

    private final Linux linux;

    public ForeignFiles(Linux linux) {
        this.linux = linux;
    }

    /** How a path below a root may lead through symbolic links. */
    public enum Links {
        /** Links are followed; absolute ones and {@code ..} stay inside the root. */
        INSIDE_ROOT(Flags.RESOLVE_IN_ROOT | Flags.RESOLVE_NO_MAGICLINKS),

        /** A link, a {@code ..} that leaves the root, and another mount are errors. */
        REFUSED(
                Flags.RESOLVE_BENEATH
                        | Flags.RESOLVE_NO_SYMLINKS
                        | Flags.RESOLVE_NO_MAGICLINKS
                        | Flags.RESOLVE_NO_XDEV);

        private final long resolve;

        Links(long resolve) {
            this.resolve = resolve;
        }
    }

    /**
     * Opens a regular file below {@code root} for reading.
     *
     * @return nothing if there is no such file
     * @throws ForeignFileRefused if it is not a regular file, or larger than {@code maxBytes}
     * @throws LinuxException if it cannot be resolved or opened: ELOOP for links in a circle or
     *     where none is followed, EXDEV for a way out of the root
     */
    public Optional<LinuxFd> open(LinuxFd root, String path, Links links, long maxBytes)
            throws IOException {
        try (var file = linux.openat2(root, path, LOOK, 0, links.resolve)) {
            return Optional.of(opened(file, path, maxBytes));
        } catch (LinuxException absent) {
            if (absent.errno() == Errno.ENOENT || absent.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw absent;
        }
    }

    /**
     * Reads a regular file below {@code root}; links are followed inside the root.
     *
     * @return nothing if there is no such file
     * @throws ForeignFileRefused if it is not a regular file, or larger than {@code maxBytes}
     * @throws LinuxException if it cannot be resolved, opened or read
     */
    public Optional<byte[]> read(LinuxFd root, String path, int maxBytes) throws IOException {
        var found = open(root, path, Links.INSIDE_ROOT, maxBytes);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (var file = found.get()) {
            return Optional.of(content(file, path, maxBytes));
        }
    }

    /**
     * Opens a regular file of the host for reading; links are followed.
     *
     * @throws ForeignFileRefused if it is not a regular file, or larger than {@code maxBytes}
     * @throws LinuxException if there is none, or it cannot be opened
     */
    public LinuxFd open(Path path, long maxBytes) throws IOException {
        try (var file = linux.open(path, LOOK, 0)) {
            return opened(file, path.toString(), maxBytes);
        }
    }

    /**
     * Reads a regular file of the host; links are followed.
     *
     * @throws ForeignFileRefused if it is not a regular file, or larger than {@code maxBytes}
     * @throws LinuxException if there is none, or it cannot be read
     */
    public byte[] read(Path path, int maxBytes) throws IOException {
        try (var file = open(path, maxBytes)) {
            return content(file, path.toString(), maxBytes);
        }
    }

    private LinuxFd opened(LinuxFd file, String path, long maxBytes) throws IOException {
        var stat = linux.fstat(file);
        if (!stat.isRegularFile()) {
            throw new ForeignFileRefused(path, kind(stat), "a regular file");
        }
        if (stat.sizeBytes() > maxBytes) {
            throw tooLarge(path, stat.sizeBytes() + " bytes", maxBytes);
        }
        return linux.openat(LinuxFd.AT_FDCWD, file.procPath(), READ, 0);
    }

    /** Reads to the end, which somebody may move while this reads. */
    private byte[] content(LinuxFd file, String path, int maxBytes) throws IOException {
        long size = linux.fstat(file).sizeBytes();
        var bytes = ByteBuffer.allocate((int) Math.min(size, maxBytes) + 1);
        while (linux.read(file, bytes) > 0) {
            if (bytes.hasRemaining()) {
                continue;
            }
            if (bytes.position() > maxBytes) {
                throw tooLarge(path, "more than %d bytes".formatted(maxBytes), maxBytes);
            }
            int larger = (int) Math.min(2L * bytes.capacity(), maxBytes + 1L);
            bytes =
                    ByteBuffer.wrap(Arrays.copyOf(bytes.array(), larger))
                            .position(bytes.position());
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static ForeignFileRefused tooLarge(String path, String found, long maxBytes) {
        return new ForeignFileRefused(path, found, "%d bytes at most".formatted(maxBytes));
    }

    private static String kind(Stat stat) {
        return switch (stat.type()) {
            case Flags.S_IFDIR -> "a directory";
            case Flags.S_IFCHR -> "a character device";
            case Flags.S_IFBLK -> "a block device";
            case Flags.S_IFIFO -> "a FIFO";
            case Flags.S_IFSOCK -> "a socket";
            default -> "a file of type %o".formatted(stat.type());
        };
    }
}
