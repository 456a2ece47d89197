package io.berth.linux;

import java.time.Instant;

/**
 * What statx(2) says of a file. {@code blocks} are of 512 bytes; {@code mountRoot} says that it is
 * the root of a mount (kernel 5.8).
 */
public record Stat(
        FileId id,
        int mode,
        int links,
        int uid,
        int gid,
        int deviceMajor,
        int deviceMinor,
        long sizeBytes,
        long blocks,
        Instant modified,
        boolean mountRoot) {

    /** A file's identity on this machine while it exists. */
    public record FileId(int deviceMajor, int deviceMinor, long inode) {}

    /** The type bits of the mode: one of the {@code S_IF} constants of {@link Flags}. */
    public int type() {
        return mode & Flags.S_IFMT;
    }

    /** The permission bits of the mode, with set-user-id, set-group-id and sticky. */
    public int permissions() {
        return mode & 07777;
    }

    public boolean isDirectory() {
        return type() == Flags.S_IFDIR;
    }

    public boolean isRegularFile() {
        return type() == Flags.S_IFREG;
    }

    public boolean isSymlink() {
        return type() == Flags.S_IFLNK;
    }

    /** Whether it is an overlay whiteout: a character device 0:0. */
    public boolean isWhiteout() {
        return type() == Flags.S_IFCHR && deviceMajor == 0 && deviceMinor == 0;
    }
}
