package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.linux.PolledFd;
import io.berth.sandbox.output.Spool;
import io.berth.sandbox.output.Spools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Collects one stream of a command on a virtual thread, as long as the stream is open. Nobody is
 * ever blocked by us, neither the command nor the shim that copies for it: beyond its limit, after
 * a failure to keep it, and after it was closed, output is read and dropped.
 */
final class Capture implements AutoCloseable {
    private static final int READ_BYTES = 32 << 10;

    private final PolledFd from;
    private final Spool spool;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private boolean closed;
    private boolean dropped;

    private Capture(PolledFd from, Spool spool) {
        this.from = from;
        this.spool = spool;
    }

    /** Begins to collect. */
    static Capture of(PolledFd from, Spools spools, String name) {
        var capture = new Capture(from, spools.open(name));
        Thread.ofVirtual().name(name).start(capture::collect);
        return capture;
    }

    /** What the work behind a future says of its failure. */
    static String reason(Exception failure) {
        var cause = failure.getCause();
        return String.valueOf(cause == null ? failure.getMessage() : cause.getMessage());
    }

    private void collect() {
        try {
            var bytes = new byte[READ_BYTES];
            var buffer = ByteBuffer.wrap(bytes);
            while (from.read(buffer.clear()) >= 0) {
                take(bytes, buffer.position());
            }
            ended.complete(null);
        } catch (IOException | RuntimeException cut) {
            ended.completeExceptionally(cut);
        }
    }

    private synchronized void take(byte[] chunk, int length) {
        if (closed) {
            return;
        }
        int room = Math.min(length, ExecSync.MAX_OUTPUT_BYTES - spool.size());
        dropped |= room < length;
        if (room > 0) {
            try {
                spool.write(chunk, room);
            } catch (IOException full) {
                closed = true;
                ended.completeExceptionally(full);
            }
        }
    }

    /** Completes at the end of the stream, or with why it was cut. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /**
     * Waits for the end of the stream.
     *
     * @return whether it came in time
     * @throws IOException why it was cut
     */
    boolean await(Duration limit) throws IOException {
        try {
            var _ = ended.get(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException open) {
            return false;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while its output was drained", stop);
        } catch (ExecutionException cut) {
            throw new IOException(reason(cut), cut);
        }
    }

    /** The first so many bytes of what has been written until now. */
    synchronized ByteString first(int bytes) throws IOException {
        return spool.first(bytes);
    }

    /** How long what has been written is, up to the limit. */
    synchronized int size() {
        return spool.size();
    }

    /** Whether more was written than the limit. */
    synchronized boolean dropped() {
        return dropped;
    }

    /** Keeps nothing from now on, and gives back what it held. */
    @Override
    public synchronized void close() {
        closed = true;
        spool.close();
    }
}
