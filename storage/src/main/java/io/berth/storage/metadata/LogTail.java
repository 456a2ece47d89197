package io.berth.storage.metadata;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The end of one of RocksDB's logs: whether it stops within a record, as a write that was cut does.
 *
 * <pre>
 * block of 32768 bytes: records, then fewer than 7 bytes of zeroes
 * record: crc 4 (CRC32C of type and data, rotated by 15 bits, plus a constant) | length 2 | type 1 (1 full, 2 first, 3 middle, 4 last; 5 to 8 of recycled logs) | data
 * </pre>
 */
final class LogTail {
    private static final int BLOCK = 32768;
    private static final int HEADER = 7;
    private static final int SUMMED = 6; // from the type on
    private static final int MASK = 0xa282ead8; // a sum of bytes that hold sums is a weak one
    private static final int FULL = 1;
    private static final int FIRST = 2;
    private static final int BATCH_HEADER = 12;
    private static final long MAX_BYTES = 64L << 20;

    private LogTail() {}

    /** Whether bytes of a record that is not whole follow the last whole one. */
    static boolean torn(Path log) throws IOException {
        return walk(log).torn;
    }

    /** Where the last whole record ends before the first that is not. */
    static long end(Path log) throws IOException {
        return walk(log).end;
    }

    /**
     * Whether changes are missing between two logs that follow each other. A batch begins with the
     * sequence number of its first change, 8 bytes, and their count, 4 bytes.
     */
    static boolean gap(Path earlier, Path later) throws IOException {
        var before = walk(earlier);
        var after = walk(later);
        return before.next >= 0 && after.first > before.next;
    }

    /** First: the sequence number of the first change, next: the one after the last; or -1. */
    private record Walked(long end, boolean torn, long first, long next) {}

    private static Walked walk(Path log) throws IOException {
        if (Files.size(log) > MAX_BYTES) {
            return new Walked(Files.size(log), false, -1, -1);
        }
        var bytes = ByteBuffer.wrap(Files.readAllBytes(log)).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        long first = -1;
        long next = -1;
        while (at + HEADER <= bytes.limit()) {
            int left = BLOCK - at % BLOCK;
            if (left < HEADER) {
                at += left;
                continue;
            }
            int length = Short.toUnsignedInt(bytes.getShort(at + 4));
            int type = bytes.get(at + 6);
            if (type == 0 && length == 0) {
                return new Walked(at, false, first, next); // zeroes that were reserved: the end
            }
            if (at + HEADER + length > bytes.limit() || cut(bytes, at, length)) {
                return new Walked(at, true, first, next);
            }
            if ((type == FULL || type == FIRST) && length >= BATCH_HEADER) {
                long sequence = bytes.getLong(at + HEADER);
                first = first < 0 ? sequence : first;
                next = sequence + bytes.getInt(at + HEADER + Long.BYTES);
            }
            at += HEADER + length;
        }
        return new Walked(at, at < bytes.limit(), first, next);
    }

    /**
     * Whether a record's write stopped within what is reserved: it ends in zeroes, and they are not
     * its own, for its sum is another.
     */
    private static boolean cut(ByteBuffer bytes, int at, int length) {
        int probe = Math.min(length, 4);
        for (int i = 0; i < probe; i++) {
            if (bytes.get(at + HEADER + length - 1 - i) != 0) {
                return false;
            }
        }
        var sum = new CRC32C();
        sum.update(bytes.slice(at + SUMMED, HEADER - SUMMED + length));
        int crc = (int) sum.getValue();
        return bytes.getInt(at) != Integer.rotateRight(crc, 15) + MASK;
    }
}
