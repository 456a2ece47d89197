package io.berth.linux;

import java.util.Set;

/** Flags of mount(2) (linux/mount.h). */
public enum MountFlag {
    READ_ONLY(1),
    NO_SUID(2),
    NO_DEV(4),
    NO_EXEC(8),
    REMOUNT(32),
    NO_ATIME(1024),
    BIND(4096),
    MOVE(8192),
    REC(16384),
    SILENT(32768),
    UNBINDABLE(1 << 17),
    PRIVATE(1 << 18),
    SLAVE(1 << 19),
    SHARED(1 << 20),
    RELATIME(1 << 21),
    STRICT_ATIME(1 << 24);

    private final long bit;

    MountFlag(long bit) {
        this.bit = bit;
    }

    static long bits(Set<MountFlag> flags) {
        long bits = 0;
        for (MountFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }
}
