package io.berth.linux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Takes one output of a process on a thread of its own, up to a limit; then kills the process. */
final class OutputCapture implements Runnable {
    private final Process process;
    private final InputStream output;
    private final String what;
    private final int limit;
    private final Thread thread;
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private boolean exceeded;

    @SuppressWarnings("ThisEscapedInObjectConstruction")
    OutputCapture(Process process, InputStream output, Processes.Launch launch, String which) {
        this.process = process;
        this.output = output;
        this.what = "process %s: %s".formatted(launch.program(), which);
        this.limit = launch.maxOutputBytes();
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
        if (!exceeded) {
            taken.write(buffer, 0, length);
        }
        return !exceeded;
    }

    /** What was written by the end of the output, or within {@code patience} after the exit. */
    byte[] await(Duration patience) throws InterruptedException, ProcessOutputLimit {
        var _ = thread.join(patience);
        synchronized (this) {
            if (exceeded) {
                throw new ProcessOutputLimit(
                        "%s: found more than %d bytes, killed".formatted(what, limit));
            }
            return taken.toByteArray();
        }
    }
}
