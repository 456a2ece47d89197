package io.berth.linux;

import java.nio.file.Path;
import java.util.List;

/**
 * Removes a directory by handles: nothing that is renamed, linked or mounted meanwhile leads it
 * out.
 *
 * <p>Each directory on the way down holds one descriptor. One that lies deeper than {@link
 * #MAX_DEPTH} is moved up to the top first, so that a deep tree costs neither descriptors nor
 * stack.
 */
final class TreeRemoval {
    private static final int MAX_DEPTH = 100;

    /** How often a directory is read again when others put files in it meanwhile. */
    private static final int MAX_PASSES = 16;

    private static final int OPEN = Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_NOFOLLOW;
    private static final long STAY =
            Flags.RESOLVE_NO_XDEV | Flags.RESOLVE_NO_SYMLINKS | Flags.RESOLVE_BENEATH;
    private final Linux linux;
    private int moved;

    TreeRemoval(Linux linux) {
        this.linux = linux;
    }

    void remove(Path path) throws LinuxException {
        Path parent = path.getParent();
        Path name = path.getFileName();
        if (parent == null || name == null || name.toString().equals("..")) {
            throw new IllegalArgumentException(
                    "tree: found \"%s\", wanted a name inside a directory".formatted(path));
        }
        try (var above = linux.open(parent, Flags.O_RDONLY | Flags.O_DIRECTORY, 0)) {
            if (linux.fstatat(above, name.toString()).isDirectory()) {
                top(above, name.toString());
            } else {
                linux.unlinkat(above, name.toString(), 0);
            }
        } catch (LinuxException gone) {
            if (gone.errno() != Errno.ENOENT && gone.errno() != Errno.ENOTDIR) {
                throw gone;
            }
        }
    }

    private void top(LinuxFd above, String name) throws LinuxException {
        for (int pass = 1; ; pass++) {
            int movedBefore = moved;
            try (var tree = linux.openat2(above, name, OPEN, 0, STAY)) {
                empty(tree, tree, 0);
            }
            if (removedDirectory(above, name)) {
                return;
            }
            if (moved == movedBefore && pass >= MAX_PASSES) {
                throw new LinuxException("rmdir", Errno.ENOTEMPTY, Words.in(above, name));
            }
        }
    }

    private void empty(LinuxFd top, LinuxFd directory, int depth) throws LinuxException {
        List<FileCalls.DirectoryEntry> entries = linux.getdents(directory);
        while (!entries.isEmpty()) {
            for (FileCalls.DirectoryEntry entry : entries) {
                remove(top, directory, entry, depth);
            }
            entries = linux.getdents(directory);
        }
    }

    private void remove(LinuxFd top, LinuxFd directory, FileCalls.DirectoryEntry entry, int depth)
            throws LinuxException {
        String name = entry.name();
        try {
            if (!isDirectory(directory, entry)) {
                linux.unlinkat(directory, name, 0);
            } else if (depth < MAX_DEPTH) {
                for (int pass = 0; pass < MAX_PASSES; pass++) {
                    try (var below = linux.openat2(directory, name, OPEN, 0, STAY)) {
                        empty(top, below, depth + 1);
                    }
                    if (removedDirectory(directory, name)) {
                        return;
                    }
                }
                throw new LinuxException("rmdir", Errno.ENOTEMPTY, Words.in(directory, name));
            } else {
                moveUp(top, directory, name);
            }
        } catch (LinuxException gone) {
            if (gone.errno() != Errno.ENOENT) {
                throw gone;
            }
        }
    }

    private boolean isDirectory(LinuxFd directory, FileCalls.DirectoryEntry entry)
            throws LinuxException {
        return entry.type() == FileCalls.DirectoryEntry.UNKNOWN
                ? linux.fstatat(directory, entry.name()).isDirectory()
                : entry.type() == FileCalls.DirectoryEntry.DIRECTORY;
    }

    private boolean removedDirectory(LinuxFd directory, String name) throws LinuxException {
        try {
            linux.unlinkat(directory, name, Flags.AT_REMOVEDIR);
            return true;
        } catch (LinuxException full) {
            if (full.errno() == Errno.ENOENT) {
                return true;
            }
            if (full.errno() != Errno.ENOTEMPTY) {
                throw full;
            }
            return false;
        }
    }

    private void moveUp(LinuxFd top, LinuxFd directory, String name) throws LinuxException {
        while (true) {
            try {
                moved++;
                linux.renameat2(
                        new FileCalls.Rename(directory, name, top, ".berth-deep-" + moved),
                        Flags.RENAME_NOREPLACE);
                return;
            } catch (LinuxException taken) {
                if (taken.errno() != Errno.EEXIST) {
                    throw taken;
                }
            }
        }
    }
}
