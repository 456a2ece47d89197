package io.berth.storage.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counts the compressed bytes that a decompressor takes, remembers whether reading them failed, and
 * says by {@link #available} whether there are more, for which it may wait: gzip's reader asks that
 * before it looks for another member.
 */
final class MeteredInput extends FilterInputStream {
    private final byte[] buffer = new byte[64 * 1024];
    private int from;
    private int to;
    private long taken;
    private @Nullable IOException failure;

    MeteredInput(InputStream in) {
        super(in);
    }

    /** Bytes taken so far. */
    long taken() {
        return taken;
    }

    /** Whether {@code thrown} is the stream's own failure, and not the decompressor's opinion. */
    boolean isOwn(IOException thrown) {
        return thrown.equals(failure); // exceptions are equal to themselves only
    }

    /** The first bytes, which stay to be read; fewer at the end. */
    byte[] peek(int length) throws IOException {
        while (to - from < length && fill()) {}
        return Arrays.copyOfRange(buffer, from, from + Math.min(length, to - from));
    }

    private boolean fill() throws IOException {
        if (from == to) {
            from = 0;
            to = 0;
        }
        try {
            int read = in.read(buffer, to, buffer.length - to);
            to += Math.max(read, 0);
            return read > 0;
        } catch (IOException own) {
            failure = own;
            throw own;
        }
    }

    @Override
    public int available() throws IOException {
        return from < to || fill() ? to - from : 0;
    }

    @Override
    public int read() throws IOException {
        if (available() == 0) {
            return -1;
        }
        taken++;
        return buffer[from++] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int there = available();
        if (there == 0) {
            return -1;
        }
        int count = Math.min(there, length);
        System.arraycopy(buffer, from, into, offset, count);
        from += count;
        taken += count;
        return count;
    }
}
