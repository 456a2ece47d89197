package io.berth.shimclient.multiplex;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One channel of a multiplexer. Closing it closes the socket: neither works without the other. */
final class LogicalChannel implements ByteChannel {
    /** What may lie unread: the greatest message and as much of a next one. */
    private static final int MAX_UNREAD_BYTES = 2 * Multiplexer.MAX_FRAME_BYTES;

    private final Multiplexer multiplexer;
    private final int id;

    /** Guards the fields below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ByteBuffer> unread = new ArrayDeque<>();
    private int unreadBytes;
    private @Nullable IOException ended;

    LogicalChannel(Multiplexer multiplexer, int id) {
        this.multiplexer = multiplexer;
        this.id = id;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        lock.lock();
        try {
            while (unread.isEmpty() && ended == null) {
                changed.await();
            }
            var first = unread.peek();
            if (first == null) {
                return atEnd();
            }
            int count = Math.min(first.remaining(), target.remaining());
            target.put(target.position(), first, first.position(), count);
            target.position(target.position() + count);
            first.position(first.position() + count);
            if (!first.hasRemaining()) {
                unread.remove();
            }
            unreadBytes -= count;
            return count;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException("channel " + id + ": read interrupted").initCause(e);
        } finally {
            lock.unlock();
        }
    }

    private int atEnd() throws IOException {
        if (ended == null || ended instanceof EOFException) {
            return -1;
        }
        throw new IOException(ended.getMessage(), ended);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        int size = bytes.remaining();
        multiplexer.write(id, bytes);
        return size;
    }

    @Override
    public boolean isOpen() {
        lock.lock();
        try {
            return ended == null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        multiplexer.close();
    }

    /** Bytes for this channel, ready to be read. */
    void received(ByteBuffer bytes, String peer) throws ProtocolException {
        lock.lock();
        try {
            if (unreadBytes + bytes.remaining() > MAX_UNREAD_BYTES) {
                throw new ProtocolException(
                        "%s: more than %d bytes unread on channel %d"
                                .formatted(peer, MAX_UNREAD_BYTES, id));
            }
            unreadBytes += bytes.remaining();
            unread.add(bytes);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What has been received stays readable; then comes the reason. */
    void end(IOException reason) {
        lock.lock();
        try {
            if (ended == null) {
                ended = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
