package io.berth.streaming;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a client has sent on one stream and nobody has read yet. Its size counts against its
 * connection, which stops reading from the client when there is too much.
 */
final class Inbox implements Input {
    private final Connection connection;
    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private int offset;
    private boolean ended;
    private @Nullable IOException failure;

    Inbox(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void data(byte[] bytes) {
        synchronized (this) {
            if (ended || bytes.length == 0) {
                return;
            }
            chunks.add(bytes);
            notifyAll();
        }
        connection.buffered(bytes.length);
    }

    @Override
    public synchronized void end() {
        ended = true;
        notifyAll();
    }

    @Override
    public synchronized void fail(IOException why) {
        if (!ended) {
            ended = true;
            failure = why;
        }
        notifyAll();
    }

    /** At least one byte, or -1 at the end. */
    int read(byte[] into) throws IOException {
        int taken;
        synchronized (this) {
            try {
                while (chunks.isEmpty() && !ended) {
                    wait();
                }
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("reading input").initCause(stop);
            }
            if (chunks.isEmpty()) {
                if (failure != null) {
                    throw failure;
                }
                return -1;
            }
            var first = chunks.getFirst();
            taken = Math.min(into.length, first.length - offset);
            System.arraycopy(first, offset, into, 0, taken);
            offset += taken;
            if (offset == first.length) {
                chunks.removeFirst();
                offset = 0;
            }
        }
        connection.consumed(taken);
        return taken;
    }

    /** Nobody reads any more, or finds the end: what is here and what still comes is dropped. */
    void discard() {
        int dropped;
        synchronized (this) {
            ended = true;
            notifyAll();
            dropped = chunks.stream().mapToInt(each -> each.length).sum() - offset;
            chunks.clear();
            offset = 0;
        }
        connection.consumed(dropped);
    }
}
