package io.berth.linux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Takes one output of a process on a thread of its own, up to a limit and as far as there is room
 * in memory; then kills the process.
 */
final class OutputCapture implements Runnable {
    /** So much of an output is not counted: nearly all are shorter. */
    private static final int FREE_BYTES = 32 << 10;

    /** The bytes, as they are taken and as the caller gets them. */
    private static final int COPIES = 2;

    private final Process process;
    private final InputStream output;
    private final String what;
    private final int limit;
    private final Processes.Room memory;
    private final Thread thread;
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private int paid = FREE_BYTES;
    private boolean exceeded;
    private @Nullable RuntimeException refusal;

    @SuppressWarnings("ThisEscapedInObjectConstruction")
    OutputCapture(
            Process process,
            InputStream output,
            Processes.Launch launch,
            String which,
            Processes.Room memory) {
        this.process = process;
        this.output = output;
        this.what = "process %s: %s".formatted(launch.program(), which);
        this.limit = launch.maxOutputBytes();
        this.memory = memory;
        this.thread = Thread.ofPlatform().name("output-" + process.pid()).daemon().start(this);
    }

    @Override
    public void run() {
        var buffer = new byte[8192];
        try (output) {
            int length = output.read(buffer);
            while (length >= 0) {
                if (!take(buffer, length)) {
                    ProcessTree.kill(process);
                    return;
                }
                length = output.read(buffer);
            }
        } catch (IOException closed) {
            // the process was killed or its pipe closed: what came before counts
        }
    }

    private synchronized boolean take(byte[] buffer, int length) {
        exceeded |= taken.size() + length > limit;
        if (!exceeded && charged(taken.size() + length)) {
            taken.write(buffer, 0, length);
            return true;
        }
        return false;
    }

    /** Makes room for so many bytes in all, of which the first few need none. */
    private boolean charged(int bytes) {
        try {
            if (bytes > paid) {
                int more = Math.max(bytes - paid, Math.max(paid, FREE_BYTES));
                memory.grow((long) COPIES * more);
                paid += more;
            }
            return true;
        } catch (RuntimeException full) {
            refusal = full;
            return false;
        }
    }

    /** What was written by the end of the output, or within {@code patience} after the exit. */
    byte[] await(Duration patience) throws InterruptedException, ProcessOutputLimit {
        var _ = thread.join(patience);
        synchronized (this) {
            if (exceeded) {
                throw new ProcessOutputLimit(
                        "%s: found more than %d bytes, killed".formatted(what, limit));
            }
            if (refusal != null) {
                throw refusal;
            }
            return taken.toByteArray();
        }
    }
}
