package io.berth.imageservice.pull;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carries a layer's bytes from the thread that downloads to the one that unpacks, holding a few
 * megabytes at most. One writer and one reader; either may end it.
 */
final class LayerPipe extends InputStream {

    private static final int MAX_BYTES = 4 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private int heldBytes;
    private boolean complete;
    private boolean readerGone;
    private @Nullable String broken;
    private byte[] current = new byte[0];
    private int at;

    /** Hands over a copy of the bytes; waits while too much is held. Without a reader, nothing. */
    void write(byte[] bytes, int length) {
        lock.lock();
        try {
            while (heldBytes >= MAX_BYTES && !readerGone) {
                changed.awaitUninterruptibly();
            }
            if (!readerGone && length > 0) {
                chunks.add(Arrays.copyOf(bytes, length));
                heldBytes += length;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
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
        if (at == current.length && !next()) {
            return -1;
        }
        int count = Math.min(length, current.length - at);
        System.arraycopy(current, at, into, offset, count);
        at += count;
        return count;
    }

    private boolean next() throws IOException {
        lock.lock();
        try {
            while (chunks.isEmpty() && !complete && broken == null) {
                changed.awaitUninterruptibly();
            }
            if (broken != null) {
                throw new IOException(broken);
            }
            byte[] chunk = chunks.poll();
            if (chunk == null) {
                return false;
            }
            heldBytes -= chunk.length;
            current = chunk;
            at = 0;
            changed.signalAll();
            return true;
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
            chunks.clear();
            heldBytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
