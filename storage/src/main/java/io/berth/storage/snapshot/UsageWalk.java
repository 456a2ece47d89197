package io.berth.storage.snapshot;

import io.berth.linux.FileCalls.DirectoryEntry;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Counts what a tree occupies, by handles: whoever writes in it meanwhile cannot lead the walk out.
 * A tree may be of any depth.
 */
final class UsageWalk {
    /** How many levels hold a descriptor each; those below share one. */
    private static final int HELD_LEVELS = 200;

    private static final int OPEN = Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_NOFOLLOW;
    private static final long STAY =
            Flags.RESOLVE_NO_XDEV | Flags.RESOLVE_NO_SYMLINKS | Flags.RESOLVE_BENEATH;
    private final Linux linux;
    private final Set<Stat.FileId> counted = new HashSet<>();
    private long blocks;
    private long inodes;

    UsageWalk(Linux linux) {
        this.linux = linux;
    }

    Usage of(LinuxFd tree) throws LinuxException {
        count(linux.fstat(tree));
        walk(tree, 0);
        return new Usage(blocks * 512, inodes);
    }

    private void walk(LinuxFd directory, int depth) throws LinuxException {
        for (var some = linux.getdents(directory);
                !some.isEmpty();
                some = linux.getdents(directory)) {
            for (DirectoryEntry entry : some) {
                Optional<Stat> stat = LinuxLookups.stat(linux, directory, entry.name());
                if (stat.isEmpty()) {
                    continue; // gone meanwhile
                }
                count(stat.get());
                if (stat.get().isDirectory() && !stat.get().mountRoot()) {
                    try (var below = linux.openat2(directory, entry.name(), OPEN, 0, STAY)) {
                        if (depth < HELD_LEVELS) {
                            walk(below, depth + 1);
                        } else {
                            new DeepWalk(linux, this::count).below(below);
                        }
                    } catch (LinuxException changed) {
                        if (LinuxLookups.stat(linux, directory, entry.name())
                                .map(Stat::isDirectory)
                                .orElse(false)) {
                            throw changed;
                        }
                    }
                }
            }
        }
    }

    private void count(Stat stat) {
        if (stat.isDirectory() || stat.links() < 2 || counted.add(stat.id())) {
            blocks += stat.blocks();
            inodes++;
        }
    }
}
