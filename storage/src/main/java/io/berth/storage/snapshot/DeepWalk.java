package io.berth.storage.snapshot;

import io.berth.linux.Errno;
import io.berth.linux.FileCalls.DirectoryEntry;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Goes through a tree of any depth with one descriptor and 20 bytes a level: back up by {@code ..},
 * which has to lead to the directory that was left. Where it does not, as somebody moves
 * directories meanwhile, what is left of the tree is not counted this time.
 */
final class DeepWalk {
    private static final int OPEN = Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_NOFOLLOW;
    private static final long STAY =
            Flags.RESOLVE_NO_XDEV | Flags.RESOLVE_NO_SYMLINKS | Flags.RESOLVE_BENEATH;
    private static final int FIRST_LEVELS = 64;
    private static final int MAX_LEVELS = 1 << 20;
    private static final int NOT_COUNTED = -1;

    private final Linux linux;
    private final Consumer<Stat> counter;
    private long[] inode = new long[FIRST_LEVELS];

    /** Where the entries begin that are being gone through, as lseek(2) takes it. */
    private long[] batch = new long[FIRST_LEVELS];

    /** How many of these entries are done. */
    private int[] done = new int[FIRST_LEVELS];

    private int levels;

    DeepWalk(Linux linux, Consumer<Stat> counter) {
        this.linux = linux;
        this.counter = counter;
    }

    /** Tells the counter of everything below a directory, whose descriptor stays open. */
    void below(LinuxFd top) throws LinuxException {
        var current = top;
        try {
            enter(top);
            while (true) {
                var next = next(current);
                LinuxFd other;
                if (next.isPresent()) {
                    other = next.get();
                    enter(other);
                } else if (--levels == 0) {
                    return;
                } else {
                    other = linux.openat(current, "..", OPEN, 0);
                }
                if (current != top) {
                    current.close();
                }
                current = other;
                if (linux.fstat(current).id().inode() != inode[levels - 1]) {
                    return;
                }
            }
        } finally {
            if (current != top) {
                current.close();
            }
        }
    }

    private void enter(LinuxFd directory) throws LinuxException {
        if (levels == MAX_LEVELS) {
            throw new LinuxException("getdents64", Errno.ENAMETOOLONG, "a tree too deep to count");
        }
        if (levels == inode.length) {
            inode = Arrays.copyOf(inode, 2 * levels);
            batch = Arrays.copyOf(batch, 2 * levels);
            done = Arrays.copyOf(done, 2 * levels);
        }
        inode[levels] = linux.fstat(directory).id().inode();
        batch[levels] = 0;
        done[levels] = NOT_COUNTED;
        levels++;
    }

    /** Opens the next directory that is in this one and not gone through. */
    private Optional<LinuxFd> next(LinuxFd directory) throws LinuxException {
        int level = levels - 1;
        while (true) {
            long at = linux.lseek(directory, batch[level], Flags.SEEK_SET);
            var entries = linux.getdents(directory);
            if (entries.isEmpty()) {
                return Optional.empty();
            }
            long after = linux.lseek(directory, 0, Flags.SEEK_CUR);
            if (done[level] == NOT_COUNTED) {
                for (var entry : entries) {
                    LinuxLookups.stat(linux, directory, entry.name()).ifPresent(counter);
                }
                done[level] = 0;
            }
            while (done[level] < entries.size()) {
                var entry = entries.get(done[level]++);
                var below = directory(directory, entry);
                if (below.isPresent()) {
                    return below;
                }
            }
            if (after == at) {
                return Optional.empty();
            }
            batch[level] = after;
            done[level] = NOT_COUNTED;
        }
    }

    private Optional<LinuxFd> directory(LinuxFd in, DirectoryEntry entry) throws LinuxException {
        boolean other =
                entry.type() != DirectoryEntry.DIRECTORY && entry.type() != DirectoryEntry.UNKNOWN;
        if (other || !isDirectory(in, entry.name())) {
            return Optional.empty();
        }
        try {
            return Optional.of(linux.openat2(in, entry.name(), OPEN, 0, STAY));
        } catch (LinuxException changed) {
            if (isDirectory(in, entry.name())) {
                throw changed;
            }
            return Optional.empty();
        }
    }

    private boolean isDirectory(LinuxFd in, String name) throws LinuxException {
        return LinuxLookups.stat(linux, in, name)
                .filter(stat -> stat.isDirectory() && !stat.mountRoot())
                .isPresent();
    }
}
