package io.berth.streaming.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** One stream of a connection. Reading and writing block the calling thread. */
public final class ClientStream {
    /** How much may wait; then the connection is not read on, for all of its streams. */
    private static final int WAITING_BYTES = 1 << 20;

    private final StreamConnection connection;
    private final int id;
    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private int waiting;
    private boolean ended;
    private boolean ignored;
    private @Nullable IOException failure;

    ClientStream(StreamConnection connection, int id) {
        this.connection = connection;
        this.id = id;
    }

    /** What came next, at least one byte; empty at the end. */
    public synchronized byte[] read() throws IOException {
        while (chunks.isEmpty() && !ended) {
            pause();
        }
        var first = chunks.pollFirst();
        if (first == null) {
            if (failure != null) {
                throw failure;
            }
            return new byte[0];
        }
        waiting -= first.length;
        notifyAll();
        return first;
    }

    /** Sends bytes. */
    public void write(byte[] bytes, int length) throws IOException {
        connection.data(id, bytes, length, false);
    }

    /** Tells the server that no more will come. */
    public void end() throws IOException {
        connection.data(id, new byte[0], 0, true);
    }

    /** From now on what comes is dropped. */
    public synchronized void ignore() {
        ignored = true;
        chunks.clear();
        notifyAll();
    }

    synchronized void took(byte[] bytes) throws IOException {
        while (waiting > WAITING_BYTES && !ignored && !ended) {
            pause();
        }
        if (!ignored && !ended && bytes.length > 0) {
            chunks.add(bytes);
            waiting += bytes.length;
            notifyAll();
        }
    }

    synchronized void over(@Nullable IOException why) {
        if (!ended) {
            ended = true;
            failure = why;
        }
        notifyAll();
    }

    @SuppressWarnings("WaitNotInLoop") // each caller has the loop
    private void pause() throws IOException {
        try {
            wait();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("stream " + id).initCause(stop);
        }
    }
}
