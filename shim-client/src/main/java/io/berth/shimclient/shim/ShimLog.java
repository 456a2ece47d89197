package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Reads a shim's log FIFO and passes its lines on to ours.
 *
 * <p>Measured with shims 1.6.20 and 2.1.9: with no reader at its start a shim never answers. When
 * the reader goes away later, writes fail with EPIPE, which a shim ignores: it lives, answers, and
 * is heard again when someone reopens the FIFO. When a reader is there but does not read, the pipe
 * fills after 64 KiB and whatever logs in the shim hangs. Hence the daemon alone holds the FIFO,
 * reads it at once, and opens it again when it adopts a shim; lines written while it is down are
 * lost, and nothing waits for it.
 */
final class ShimLog {
    private static final System.Logger LOG = System.getLogger(ShimLog.class.getName());
    private static final int MAX_LINE_BYTES = 8 << 10;
    private static final int READS_A_TURN = 16;

    private final String shim;
    private final LinuxFd fifo;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    ShimLog(String shim, LinuxFd fifo) {
        this.shim = shim;
        this.fifo = fifo;
    }

    LinuxFd fifo() {
        return fifo;
    }

    /** Takes what is there, or a part if it is much. */
    void read(Linux linux, ByteBuffer buffer) throws LinuxException {
        for (int i = 0; i < READS_A_TURN; i++) {
            buffer.clear();
            try {
                linux.read(fifo, buffer);
            } catch (LinuxException e) {
                if (e.errno() == Errno.EAGAIN) {
                    return;
                }
                throw e;
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                accept(buffer.get());
            }
        }
    }

    private void accept(byte value) {
        if (value != '\n') {
            line.write(value);
        }
        if (value == '\n' || line.size() >= MAX_LINE_BYTES) {
            var text = line.toString(UTF_8);
            line.reset();
            LOG.log(level(text), () -> "sandbox=%s shim says: %s".formatted(shim, text));
        }
    }

    /** Of logrus' levels the upper ones may concern an operator. */
    private static System.Logger.Level level(String text) {
        return text.contains("level=error") || text.contains("level=fatal")
                ? System.Logger.Level.WARNING
                : System.Logger.Level.DEBUG;
    }
}
