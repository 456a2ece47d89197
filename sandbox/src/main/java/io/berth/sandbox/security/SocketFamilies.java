package io.berth.sandbox.security;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The socket families that containers may use under RuntimeDefault: those that Linux had in 2026,
 * but for AF_ALG (cryptography in the kernel) and AF_VSOCK (the host of a virtual machine). A
 * family that a later kernel adds is refused until it is listed here. Source: linux/socket.h.
 */
final class SocketFamilies {
    private static final int AF_ALG = 38;
    private static final int AF_VSOCK = 40;

    /** AF_MCTP, the highest family of Linux 6.18. */
    private static final int LAST = 45;

    private static final long LOW_BITS = 0xffff_ffffL;

    private SocketFamilies() {}

    /**
     * Neighbouring families that one masked comparison matches: those whose number has the bits of
     * {@code first} where {@code mask} is set. The mask never has any of the upper 32 bits.
     */
    record Block(long mask, long first) {}

    /** The allowed families as few blocks: the runtime compiles each comparison at every start. */
    static List<Block> blocks() {
        var allowed = new BitSet();
        allowed.set(0, LAST + 1);
        allowed.clear(AF_ALG);
        allowed.clear(AF_VSOCK);
        var blocks = new ArrayList<Block>();
        int family = allowed.nextSetBit(0);
        while (family >= 0) {
            int size = 1;
            while (family % (2 * size) == 0 && allowed.nextClearBit(family) >= family + 2 * size) {
                size *= 2;
            }
            blocks.add(new Block(LOW_BITS & -size, family));
            family = allowed.nextSetBit(family + size);
        }
        return blocks;
    }
}
