package io.berth.storage.layer;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar as a sequence of members, in one pass: v7, ustar, PAX and GNU, with long names,
 * extended attributes as bytes, and all four kinds of sparse file.
 *
 * <p>Our own, since commons-compress decodes extended attributes as text: the bits of {@code
 * security.capability} above 127 do not survive it. Memory is bounded by the limits; a tar that is
 * not one is a {@link HostileLayer}. Nothing here touches a file.
 */
final class TarReader {
    private final TarBlocks blocks;
    private final LayerLimits limits;
    private String current = "header";
    private long contentLeft;
    private long padding;
    private boolean ended;

    /** Headers that precede a member and speak about it. */
    private static final class Preceding {
        private PaxRecords pax = PaxRecords.NONE;
        private @Nullable String name;
        private @Nullable String link;
        private long bytes;
    }

    TarReader(InputStream tar, LayerLimits limits) {
        this.blocks = new TarBlocks(tar, limits);
        this.limits = limits;
    }

    /**
     * The next member, what is left of the last one's content skipped; empty at the archive's end.
     * A stream that ends between members, without the two zero blocks, has ended too: old builders
     * leave them out, and the layer's digest tells whether anything is missing.
     */
    Optional<TarMember> next() throws IOException {
        blocks.skip(contentLeft + padding, current);
        contentLeft = 0;
        padding = 0;
        var preceding = new Preceding();
        byte[] block = new byte[TarBlocks.BLOCK];
        while (!ended) {
            current = "header";
            boolean there = blocks.block(block, current);
            if (!there || isZero(block)) {
                end(there, preceding);
                break;
            }
            TarHeader header = TarHeader.parse(block);
            current = header.name();
            if (!readPreceding(header, preceding)) {
                return Optional.of(member(header, preceding, block));
            }
        }
        return Optional.empty();
    }

    /** Reads some of the current member's stored bytes; 0 when there are no more. */
    int read(byte[] into, int length) throws IOException {
        int wanted = (int) Math.min(Math.min(length, into.length), contentLeft);
        if (wanted == 0) {
            return 0;
        }
        int read = blocks.read(into, wanted, current);
        contentLeft -= read;
        return read;
    }

    /** Reads what follows the archive's end. */
    void drain() throws IOException {
        blocks.drain();
    }

    private void end(boolean zeroBlock, Preceding preceding) throws IOException {
        if (preceding.bytes > 0) {
            throw new HostileLayer("header", "the end after an extended header", "its member");
        }
        byte[] second = new byte[TarBlocks.BLOCK];
        if (zeroBlock && blocks.block(second, "end") && !isZero(second)) {
            throw new HostileLayer("end", "one zero block before more", "two zero blocks");
        }
        ended = true;
    }

    private boolean readPreceding(TarHeader header, Preceding preceding) throws IOException {
        switch (header.type()) {
            case 'x', 'X' -> preceding.pax = PaxRecords.parse(current, extended(header, preceding));
            case 'g' -> extended(header, preceding); // speaks of the archive, such as a commit id
            case 'L' -> preceding.name = longName(extended(header, preceding));
            case 'K' -> preceding.link = longName(extended(header, preceding));
            default -> {
                return false;
            }
        }
        return true;
    }

    private byte[] extended(TarHeader header, Preceding preceding) throws IOException {
        preceding.bytes += TarBlocks.BLOCK + Math.max(header.size(), 0);
        if (header.size() < 0 || preceding.bytes > limits.maxHeaderBytes()) {
            throw new HostileLayer(
                    current,
                    "extended headers of %d bytes".formatted(header.size()),
                    "0 to %d in sum".formatted(limits.maxHeaderBytes()));
        }
        return blocks.bytes((int) header.size(), current);
    }

    private static String longName(byte[] bytes) {
        return TarNames.field(bytes, 0, bytes.length);
    }

    private TarMember member(TarHeader header, Preceding preceding, byte[] block)
            throws IOException {
        PaxRecords pax = preceding.pax;
        String name = preceding.name == null ? header.name() : preceding.name;
        name = pax.text(current, "path", name);
        name = pax.text(current, "GNU.sparse.name", name);
        current = name;
        String link = preceding.link == null ? header.linkName() : preceding.link;
        long stored = pax.number(name, "size", header.size());
        TarMember.Type type = type(header.type(), name);
        return new TarMember(
                name,
                type,
                header.mode(),
                owner("uid", pax.number(name, "uid", header.uid())),
                owner("gid", pax.number(name, "gid", header.gid())),
                pax.has("mtime")
                        ? TarNumbers.time(name, "mtime", pax.text(name, "mtime", ""))
                        : header.modified(),
                pax.text(name, "linkpath", link),
                header.deviceMajor(),
                header.deviceMinor(),
                Map.copyOf(pax.xattrs()),
                type == TarMember.Type.FILE
                        ? content(header.type(), pax, stored, block)
                        : SparseMap.EMPTY);
    }

    /** Types without content have none, whatever their size field says (as GNU tar and Go read). */
    private SparseMap content(char type, PaxRecords pax, long stored, byte[] block)
            throws IOException {
        checkSize(stored);
        SparseMap map;
        if (type == 'S') {
            map = SparseHeaders.old(current, block, stored, blocks, limits);
        } else if (pax.has("GNU.sparse.major")) {
            long major = pax.number(current, "GNU.sparse.major", 0);
            long minor = pax.number(current, "GNU.sparse.minor", 0);
            if (major != 1 || minor != 0) {
                throw new HostileLayer(
                        current, "sparse format %d.%d".formatted(major, minor), "0.0, 0.1 or 1.0");
            }
            map = SparseHeaders.inContent(current, pax, stored, blocks, limits);
        } else if (pax.has("GNU.sparse.map") || !pax.sparse00().isEmpty()) {
            map = SparseHeaders.inRecords(current, pax, stored);
        } else {
            map = SparseMap.dense(stored);
        }
        checkSize(map.sizeBytes());
        contentLeft = map.storedBytes();
        padding = TarBlocks.padding(stored); // a map in the content is whole blocks
        return map;
    }

    private void checkSize(long size) {
        if (size < 0 || size > limits.maxBytes()) {
            throw new HostileLayer(
                    current,
                    "a size of %d bytes".formatted(size),
                    "0 to %d".formatted(limits.maxBytes()));
        }
    }

    /** 2^32-1 means "leave as it is" to chown(2), so nobody can be it. */
    private long owner(String what, long id) {
        if (id < 0 || id >= 0xffff_ffffL) {
            throw new HostileLayer(current, what + " " + id, "0 to 4294967294");
        }
        return id;
    }

    private static TarMember.Type type(char type, String name) {
        return switch (type) {
            case '\0' ->
                    name.endsWith("/") ? TarMember.Type.DIRECTORY : TarMember.Type.FILE; // v7 tar
            case '0', '7', 'S' -> TarMember.Type.FILE;
            case '1' -> TarMember.Type.HARD_LINK;
            case '2' -> TarMember.Type.SYMLINK;
            case '3' -> TarMember.Type.CHARACTER_DEVICE;
            case '4' -> TarMember.Type.BLOCK_DEVICE;
            case '5' -> TarMember.Type.DIRECTORY;
            case '6' -> TarMember.Type.FIFO;
            default ->
                    throw new HostileLayer(
                            name, "type '%c'".formatted(type), "a type of ustar, PAX or GNU tar");
        };
    }

    private static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
