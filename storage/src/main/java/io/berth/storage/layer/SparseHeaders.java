package io.berth.storage.layer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The four ways in which GNU tar writes where a sparse file's bytes lie. */
final class SparseHeaders {
    private static final int OLD_MAP = 386;
    private static final int OLD_EXTENDED = 482;
    private static final int OLD_SIZE = 483;
    private static final int MORE_EXTENDED = 504;

    private SparseHeaders() {}

    /** Old GNU: pairs of 12-byte fields in the header, then in blocks of 21 pairs after it. */
    static SparseMap old(
            String member, byte[] header, long stored, TarBlocks blocks, LayerLimits limits)
            throws IOException {
        var numbers = new ArrayList<Long>();
        pairs(member, header, OLD_MAP, 4, numbers);
        byte[] block = header;
        int extended = OLD_EXTENDED;
        long size = TarNumbers.field(member, header, OLD_SIZE, 12);
        for (int bytes = 0; block[extended] != 0; bytes += TarBlocks.BLOCK) {
            checkMapSize(member, bytes, limits);
            block = blocks.bytes(TarBlocks.BLOCK, member);
            extended = MORE_EXTENDED;
            pairs(member, block, 0, 21, numbers);
        }
        return SparseMap.of(member, size, stored, numbers);
    }

    /** PAX 0.0 (records in turn) and 0.1 (one record with commas). */
    static SparseMap inRecords(String member, PaxRecords pax, long stored) {
        long size = pax.number(member, "GNU.sparse.size", stored);
        if (!pax.has("GNU.sparse.map")) {
            return SparseMap.of(member, size, stored, pax.sparse00());
        }
        var numbers = new ArrayList<Long>();
        String map = pax.text(member, "GNU.sparse.map", "");
        for (String number : map.isEmpty() ? new String[0] : map.split(",", -1)) {
            numbers.add(TarNumbers.decimal(member, "GNU.sparse.map", number));
        }
        return SparseMap.of(member, size, stored, numbers);
    }

    /** PAX 1.0: the content begins with decimals, one a line, filled up to whole blocks. */
    static SparseMap inContent(
            String member, PaxRecords pax, long stored, TarBlocks blocks, LayerLimits limits)
            throws IOException {
        long size = pax.number(member, "GNU.sparse.realsize", stored);
        var numbers = new ArrayList<Long>();
        var digits = new StringBuilder();
        long wanted = 1;
        int consumed = 0;
        while (numbers.size() < wanted) {
            checkMapSize(member, consumed, limits);
            if (consumed + TarBlocks.BLOCK > stored) {
                throw new HostileLayer(
                        member, "a sparse map beyond the content's " + stored + " bytes", "inside");
            }
            byte[] block = blocks.bytes(TarBlocks.BLOCK, member);
            consumed += TarBlocks.BLOCK;
            for (int i = 0; i < block.length && numbers.size() < wanted; i++) {
                if (block[i] != '\n') {
                    digits.append((char) (block[i] & 0xff));
                    continue;
                }
                long number = TarNumbers.decimal(member, "sparse map", digits.toString());
                digits.setLength(0);
                if (numbers.isEmpty()) {
                    checkMapSize(member, number, limits);
                    wanted = 1 + 2 * number;
                }
                numbers.add(number);
            }
        }
        return SparseMap.of(member, size, stored - consumed, numbers.subList(1, numbers.size()));
    }

    private static void pairs(String m, byte[] block, int offset, int count, List<Long> into) {
        for (int i = 0; i < count && block[offset + i * 24] != 0; i++) {
            into.add(TarNumbers.field(m, block, offset + i * 24, 12));
            into.add(TarNumbers.field(m, block, offset + i * 24 + 12, 12));
        }
    }

    private static void checkMapSize(String member, long found, LayerLimits limits) {
        if (found >= limits.maxHeaderBytes()) {
            throw new HostileLayer(
                    member,
                    "a sparse map of %d bytes or more".formatted(found),
                    "less than %d".formatted(limits.maxHeaderBytes()));
        }
    }
}
