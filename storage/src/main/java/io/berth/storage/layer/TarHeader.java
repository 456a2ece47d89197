package io.berth.storage.layer;

import java.time.Instant;
import java.util.Arrays;

/**
 * One header block, decoded but not combined with extended headers (POSIX ustar; GNU and v7 tar).
 *
 * <pre>
 *   0 name 100 | 100 mode 8 | 108 uid 8 | 116 gid 8 | 124 size 12 | 136 mtime 12 | 148 sum 8
 * 156 type 1   | 157 link 100 | 257 magic 6 | 263 version 2 | 265 uname 32 | 297 gname 32
 * 329 major 8  | 337 minor 8  | 345 prefix 155 (ustar; GNU keeps its sparse map at 386)
 * </pre>
 */
record TarHeader(
        String name,
        int mode,
        long uid,
        long gid,
        long size,
        Instant modified,
        char type,
        String linkName,
        long deviceMajor,
        long deviceMinor) {

    private static final byte[] USTAR = {'u', 's', 't', 'a', 'r', 0};
    private static final byte[] GNU = {'u', 's', 't', 'a', 'r', ' '};
    private static final byte[] STAR = {'t', 'a', 'r', 0};
    private static final int SUM_OFFSET = 148;
    private static final int SUM_LENGTH = 8;

    /**
     * Decodes a block.
     *
     * @throws HostileLayer when the checksum is wrong or a field is not of its form
     */
    static TarHeader parse(byte[] block) {
        checkSum(block);
        boolean ustar = Arrays.equals(block, 257, 263, USTAR, 0, 6);
        boolean extended = ustar || Arrays.equals(block, 257, 263, GNU, 0, 6);
        String name = TarNames.field(block, 0, 100);
        if (ustar) {
            boolean star = Arrays.equals(block, 508, 512, STAR, 0, 4);
            String prefix = TarNames.field(block, 345, star ? 131 : 155);
            name = prefix.isEmpty() ? name : prefix + "/" + name;
        }
        return new TarHeader(
                name,
                (int) (TarNumbers.field(name, block, 100, 8) & 07777),
                TarNumbers.field(name, block, 108, 8),
                TarNumbers.field(name, block, 116, 8),
                TarNumbers.field(name, block, 124, 12),
                TarNumbers.time(name, TarNumbers.field(name, block, 136, 12)),
                (char) (block[156] & 0xff),
                TarNames.field(block, 157, 100),
                extended ? TarNumbers.field(name, block, 329, 8) : 0,
                extended ? TarNumbers.field(name, block, 337, 8) : 0);
    }

    /** Old tars summed signed bytes; both sums are good. */
    private static void checkSum(byte[] block) {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < TarBlocks.BLOCK; i++) {
            boolean own = i >= SUM_OFFSET && i < SUM_OFFSET + SUM_LENGTH;
            unsigned += own ? ' ' : block[i] & 0xff;
            signed += own ? ' ' : block[i];
        }
        long stated = TarNumbers.field("header", block, SUM_OFFSET, SUM_LENGTH);
        if (stated != unsigned && stated != signed) {
            throw new HostileLayer(
                    "header", "checksum " + stated, unsigned + ", the sum of its bytes");
        }
    }
}
