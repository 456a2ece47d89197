package io.berth.storage.layer;

import java.io.IOException;
import java.io.InputStream;

/**
 * Reads a tar's bytes in order and counts them; knows blocks of 512, and nothing of their meaning.
 */
final class TarBlocks {
    static final int BLOCK = 512;

    private final InputStream tar;
    private final long maxBytes;
    private long position;

    TarBlocks(InputStream tar, LayerLimits limits) {
        this.tar = tar;
        this.maxBytes = limits.maxBytes();
    }

    /** Reads a whole block; false at a clean end of the stream. */
    boolean block(byte[] block, String member) throws IOException {
        int length = tar.readNBytes(block, 0, BLOCK);
        count(length, member);
        if (length == 0) {
            return false;
        }
        if (length < BLOCK) {
            throw truncated(member, BLOCK - length);
        }
        return true;
    }

    /** Reads {@code length} bytes and the padding after them. */
    byte[] bytes(int length, String member) throws IOException {
        byte[] bytes = tar.readNBytes(length);
        count(bytes.length, member);
        if (bytes.length < length) {
            throw truncated(member, length - bytes.length);
        }
        skip(padding(length), member);
        return bytes;
    }

    /** Reads at least one byte of a member's content. */
    int read(byte[] into, int length, String member) throws IOException {
        int read = tar.read(into, 0, length);
        if (read <= 0) {
            throw truncated(member, length);
        }
        count(read, member);
        return read;
    }

    void skip(long length, String member) throws IOException {
        byte[] buffer = new byte[(int) Math.min(length, 64 * 1024)];
        long left = length;
        while (left > 0) {
            left -= read(buffer, (int) Math.min(left, buffer.length), member);
        }
    }

    /** Reads what follows the archive's end, so that whoever hashes the stream sees all of it. */
    void drain() throws IOException {
        byte[] buffer = new byte[64 * 1024];
        for (int read = tar.read(buffer); read > 0; read = tar.read(buffer)) {
            count(read, "after the end");
        }
    }

    /** What fills {@code length} bytes up to whole blocks. */
    static long padding(long length) {
        return -length & (BLOCK - 1);
    }

    private void count(long bytes, String member) {
        position += bytes;
        if (position > maxBytes) {
            throw new HostileLayer(
                    member, "a tar above %d bytes".formatted(maxBytes), "at most that");
        }
    }

    private HostileLayer truncated(String member, long missing) {
        return new HostileLayer(
                member,
                "the end of the tar at byte %d".formatted(position),
                "%d bytes more".formatted(missing));
    }
}
