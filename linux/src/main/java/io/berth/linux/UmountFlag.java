package io.berth.linux;

import java.util.Set;

/** Flags of umount2(2) (linux/fs.h). */
public enum UmountFlag {
    FORCE(1),
    DETACH(2),
    EXPIRE(4),
    NOFOLLOW(8);

    private final long bit;

    UmountFlag(long bit) {
        this.bit = bit;
    }

    static long bits(Set<UmountFlag> flags) {
        long bits = 0;
        for (UmountFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }
}
