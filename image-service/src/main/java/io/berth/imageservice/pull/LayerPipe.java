package io.berth.imageservice.pull;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carries a layer's bytes from the thread that downloads to the one that unpacks, holding a
 * megabyte at most. One writer and one reader; either may end it.
 *
 * <p>What has been read is filled again: bytes that wait here outlive what else a download
 * allocates, and each pull would leave its whole layers in the old generation.
 */
final class LayerPipe extends InputStream {

    /** What one read of a connection brings. */
    private static final int CHUNK_BYTES = 16 << 10;

    static final int MAX_BYTES = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Chunk> filled = new ArrayDeque<>();
    private final Deque<Chunk> empty = new ArrayDeque<>();
    private int made;
    private boolean complete;
    private boolean readerGone;
    private @Nullable String broken;
    private @Nullable Chunk current;

    /** Bytes that one side has at a time. */
    private static final class Chunk {
        private final byte[] bytes = new byte[CHUNK_BYTES];
        private int length;
        private int at;
    }

    /** Hands over a copy of the bytes; waits while too much is held. Without a reader, nothing. */
    void write(byte[] bytes, int length) {
        lock.lock();
        try {
            int from = 0;
            while (from < length && !readerGone) {
                var chunk = emptyOne();
                if (chunk == null) {
                    changed.awaitUninterruptibly();
                    continue;
                }
                chunk.at = 0;
                chunk.length = Math.min(length - from, CHUNK_BYTES);
                System.arraycopy(bytes, from, chunk.bytes, 0, chunk.length);
                from += chunk.length;
                filled.add(chunk);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Chunk emptyOne() {
        var used = empty.poll();
        if (used != null || made == MAX_BYTES / CHUNK_BYTES) {
            return used;
        }
        made++;
        return new Chunk();
    }

    /** Says that all bytes have been written, and that they are the right ones. */
    void complete() {
        lock.lock();
        try {
            complete = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Has the reader fail, unless it has seen the end. */
    void fail(String why) {
        lock.lock();
        try {
            broken = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        var chunk = current;
        if (chunk == null || chunk.at == chunk.length) {
            chunk = next(chunk);
        }
        if (chunk == null) {
            return -1;
        }
        int count = Math.min(length, chunk.length - chunk.at);
        System.arraycopy(chunk.bytes, chunk.at, into, offset, count);
        chunk.at += count;
        return count;
    }

    /** The next one in the place of one that has been read; nothing at the end. */
    private @Nullable Chunk next(@Nullable Chunk read) throws IOException {
        lock.lock();
        try {
            if (read != null) {
                current = null;
                empty.add(read);
                changed.signalAll();
            }
            while (filled.isEmpty() && !complete && broken == null) {
                changed.awaitUninterruptibly();
            }
            if (broken != null) {
                throw new IOException(broken);
            }
            current = filled.poll();
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** Ends reading; the writer no longer waits. */
    @Override
    public void close() {
        lock.lock();
        try {
            readerGone = true;
            filled.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
