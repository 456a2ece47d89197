package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.linux.PolledFd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Collects one stream of a command on a virtual thread, as long as the stream is open. Nobody is
 * ever blocked by us, neither the command nor the shim that copies for it: beyond its limit, and
 * after it was closed, output is read and dropped.
 */
final class Capture implements AutoCloseable {
    private static final int READ_BYTES = 32 << 10;

    private final PolledFd from;
    private final OutputBudget budget;
    private final ByteString.Output bytes = ByteString.newOutput();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private int taken;
    private long held;
    private boolean dropped;

    private Capture(PolledFd from, OutputBudget budget) {
        this.from = from;
        this.budget = budget;
    }

    /** Begins to collect. */
    static Capture of(PolledFd from, OutputBudget budget, String name) {
        var capture = new Capture(from, budget);
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
        int room = Math.min(length, ExecSync.MAX_OUTPUT_BYTES - taken);
        dropped |= room < length;
        if (room > 0) {
            if (!budget.take(room)) {
                taken = ExecSync.MAX_OUTPUT_BYTES;
                ended.completeExceptionally(
                        new IOException(
                                ("its output does not fit beside that of other commands: %d bytes"
                                                + " are held")
                                        .formatted(budget.limit())));
                return;
            }
            taken += room;
            held += room;
            bytes.write(chunk, 0, room);
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

    /** What has been written until now, up to the limit. */
    synchronized ByteString bytes() {
        return bytes.toByteString();
    }

    /** How long that is. */
    synchronized int size() {
        return bytes.size();
    }

    /** Whether more was written than the limit. */
    synchronized boolean dropped() {
        return dropped;
    }

    /** Keeps nothing from now on, and gives back what it held. */
    @Override
    public synchronized void close() {
        budget.giveBack(held);
        held = 0;
        taken = ExecSync.MAX_OUTPUT_BYTES;
        bytes.reset();
    }
}
