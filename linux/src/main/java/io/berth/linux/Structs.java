package io.berth.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Reads the kernel's structures; offsets are those of the headers named. */
final class Structs {
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_SIZE = 256;
    private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;
    private static final int STATFS_SIZE = 120;

    private Structs() {}

    /** struct statx (linux/stat.h). */
    static Stat statx(LinuxFd directory, String name, int flags) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var s = arena.allocate(STATX_SIZE, 8);
            Syscall.call(
                    arena,
                    "statx",
                    Words.in(directory, name),
                    Numbers.STATX,
                    directory.number(),
                    Words.text(arena, name),
                    flags,
                    STATX_BASIC_STATS,
                    s.address());
            return new Stat(
                    new Stat.FileId(
                            s.get(JAVA_INT, 136), s.get(JAVA_INT, 140), s.get(JAVA_LONG, 32)),
                    Short.toUnsignedInt(s.get(JAVA_SHORT, 28)),
                    s.get(JAVA_INT, 16),
                    s.get(JAVA_INT, 20),
                    s.get(JAVA_INT, 24),
                    s.get(JAVA_INT, 128),
                    s.get(JAVA_INT, 132),
                    s.get(JAVA_LONG, 40),
                    s.get(JAVA_LONG, 48),
                    Instant.ofEpochSecond(s.get(JAVA_LONG, 112), s.get(JAVA_INT, 120)),
                    (s.get(JAVA_LONG, 8) & STATX_ATTR_MOUNT_ROOT) != 0);
        }
    }

    /** struct statfs (asm-generic/statfs.h). */
    static StatFs statfs(Path path) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var s = arena.allocate(STATFS_SIZE, 8);
            Syscall.call(
                    arena, "statfs", path, Numbers.STATFS, Words.path(arena, path), s.address());
            return new StatFs(
                    s.get(JAVA_LONG, 0),
                    s.get(JAVA_LONG, 8),
                    s.get(JAVA_LONG, 16),
                    s.get(JAVA_LONG, 24),
                    s.get(JAVA_LONG, 32),
                    s.get(JAVA_LONG, 40),
                    s.get(JAVA_LONG, 48));
        }
    }

    /** struct linux_dirent64 (getdents64(2)): inode, offset, record length, type, name. */
    static void entries(MemorySegment records, List<FileCalls.DirectoryEntry> into) {
        long at = 0;
        while (at < records.byteSize()) {
            int length = Short.toUnsignedInt(records.get(JAVA_SHORT, at + 16));
            int type = Byte.toUnsignedInt(records.get(JAVA_BYTE, at + 18));
            String name = Words.terminated(records, at + 19);
            if (!name.equals(".") && !name.equals("..")) {
                into.add(new FileCalls.DirectoryEntry(name, type));
            }
            at += length;
        }
    }
}
