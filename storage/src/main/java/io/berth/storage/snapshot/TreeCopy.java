package io.berth.storage.snapshot;

import io.berth.linux.Errno;
import io.berth.linux.FileCalls.DirectoryEntry;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Copies a tree by handles: content with its holes, owners, modes, times, extended attributes, hard
 * links, symlinks, devices, FIFOs. Names may be any bytes. A tree deeper than 400 directories is
 * refused.
 */
public final class TreeCopy {
    /** How many directories may be one in another below the first. */
    public static final int MAX_DEPTH = 400;

    private static final int BUFFER_BYTES = 64 << 10;
    private static final int OPEN_DIRECTORY = Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_NOFOLLOW;
    private static final int OPEN_FILE = Flags.O_RDONLY | Flags.O_NOFOLLOW | Flags.O_NONBLOCK;
    private static final int CREATE =
            Flags.O_WRONLY | Flags.O_CREAT | Flags.O_EXCL | Flags.O_NOFOLLOW;

    private final Linux linux;
    private final FileAttributes attributes;
    private final LinuxFd target;
    private final Budget budget;
    private final Map<Stat.FileId, String> linked = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private boolean withinKernel = true;

    /** A copy of any size into an empty directory. */
    public TreeCopy(Linux linux, LinuxFd target) {
        this(linux, target, new Budget(Long.MAX_VALUE, Long.MAX_VALUE));
    }

    /** A copy into an empty directory that takes from a budget. */
    public TreeCopy(Linux linux, LinuxFd target, Budget budget) {
        this.budget = budget;
        this.linux = linux;
        this.attributes = new FileAttributes(linux);
        this.target = target;
    }

    /** How many bytes and files copies may make in sum; not for several threads at once. */
    public static final class Budget {
        private long bytes;
        private long files;

        public Budget(long bytes, long files) {
            this.bytes = bytes;
            this.files = files;
        }

        private void take(Stat stat) throws LinuxException {
            bytes -= Math.min(stat.blocks() * 512, stat.sizeBytes());
            files--;
            if (bytes < 0 || files < 0) {
                throw new LinuxException("copy", Errno.EDQUOT, bytes < 0 ? "bytes" : "files");
            }
        }
    }

    /**
     * Copies what is in {@code source}, and its own attributes, to the empty target.
     *
     * @throws LinuxException of the call "copy": EDQUOT when the budget does not suffice,
     *     ENAMETOOLONG when the tree is deeper than {@link #MAX_DEPTH}
     */
    public void from(LinuxFd source) throws IOException {
        copyDirectory(source, target, "", 0);
    }

    private void copyDirectory(LinuxFd from, LinuxFd to, String path, int depth)
            throws IOException {
        if (depth > MAX_DEPTH) {
            throw new LinuxException(
                    "copy", Errno.ENAMETOOLONG, "more than %d levels".formatted(MAX_DEPTH));
        }
        for (var some = linux.getdents(from); !some.isEmpty(); some = linux.getdents(from)) {
            for (DirectoryEntry entry : some) {
                copyEntry(from, to, entry.name(), path + entry.name(), depth);
            }
        }
        attributes.copy(from, to);
    }

    private void copyEntry(LinuxFd from, LinuxFd to, String name, String path, int depth)
            throws IOException {
        Stat stat = linux.fstatat(from, name);
        budget.take(stat);
        if (stat.isDirectory()) {
            linux.mkdirat(to, name, 0700);
            try (var source = linux.openat(from, name, OPEN_DIRECTORY, 0);
                    var copy = linux.openat(to, name, OPEN_DIRECTORY, 0)) {
                copyDirectory(source, copy, path + "/", depth + 1);
            }
            return;
        }
        if (stat.links() > 1) {
            String first = linked.putIfAbsent(stat.id(), path);
            if (first != null) {
                linux.linkat(target, first, to, name);
                return;
            }
        }
        if (stat.isRegularFile()) {
            copyFile(from, to, name);
            return;
        }
        if (stat.isSymlink()) {
            linux.symlinkat(linux.readlinkat(from, name), to, name);
        } else {
            linux.mknodat(to, name, stat.type() | 0600, device(stat));
        }
        attributes.copyNames(from, to, name, stat);
    }

    private static long device(Stat stat) {
        boolean device = stat.type() == Flags.S_IFCHR || stat.type() == Flags.S_IFBLK;
        return device ? Flags.device(stat.deviceMajor(), stat.deviceMinor()) : 0;
    }

    private void copyFile(LinuxFd from, LinuxFd to, String name) throws LinuxException {
        try (var source = linux.openat(from, name, OPEN_FILE, 0);
                var copy = linux.openat(to, name, CREATE, 0600)) {
            long size = linux.fstat(source).sizeBytes();
            long offset = 0;
            while (offset < size) {
                long data = seek(source, offset, Flags.SEEK_DATA, size);
                if (data >= size) {
                    break;
                }
                long hole = seek(source, data, Flags.SEEK_HOLE, size);
                copyRange(source, copy, data, hole);
                offset = hole;
            }
            linux.ftruncate(copy, size);
            attributes.copy(source, copy);
        }
    }

    private long seek(LinuxFd file, long offset, int whence, long end) throws LinuxException {
        try {
            return linux.lseek(file, offset, whence);
        } catch (LinuxException noMore) {
            if (noMore.errno() == Errno.ENXIO) {
                return end;
            }
            throw noMore;
        }
    }

    private void copyRange(LinuxFd from, LinuxFd to, long start, long end) throws LinuxException {
        long unusedFrom = linux.lseek(from, start, Flags.SEEK_SET);
        long unusedTo = linux.lseek(to, start, Flags.SEEK_SET);
        for (long left = end - start; left > 0; ) {
            long copied = copySome(from, to, left);
            if (copied == 0) {
                throw new LinuxException("copy_file_range", Errno.EIO, from);
            }
            left -= copied;
        }
    }

    /** The kernel does not copy from an overlay to another file system by itself. */
    private long copySome(LinuxFd from, LinuxFd to, long most) throws LinuxException {
        if (withinKernel) {
            try {
                return linux.copyFileRange(from, to, most);
            } catch (LinuxException across) {
                if (across.errno() != Errno.EXDEV) {
                    throw across;
                }
                withinKernel = false;
            }
        }
        buffer.clear().limit((int) Math.min(buffer.capacity(), most));
        int read = linux.read(from, buffer);
        buffer.flip();
        linux.writeFully(to, buffer);
        return Math.max(0, read);
    }
}
