package io.berth.shimclient.writer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One connection to a control socket; every wait has a deadline. Used by one thread. */
final class ControlConnection implements AutoCloseable {
    /** Longest answer of the writer. */
    private static final int ANSWER_LIMIT = 1024;

    private final Path control;
    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer input = ByteBuffer.allocate(64 * 1024).flip();

    private ControlConnection(Path control, SocketChannel channel, Selector selector) {
        this.control = control;
        this.channel = channel;
        this.selector = selector;
    }

    /** Connects; a unix socket's connect does not wait for the other side. */
    static ControlConnection open(Path control) {
        try {
            var channel = SocketChannel.open(UnixDomainSocketAddress.of(control));
            try {
                channel.configureBlocking(false);
                var selector = Selector.open();
                channel.register(selector, SelectionKey.OP_READ);
                return new ControlConnection(control, channel, selector);
            } catch (IOException failure) {
                channel.close();
                throw failure;
            }
        } catch (IOException failure) {
            throw gone(control, "nobody answers on its control socket", failure);
        }
    }

    /** The writer removes its socket's path after its log is complete and before it exits. */
    private static LogWriterException gone(
            Path control, String found, @Nullable IOException cause) {
        if (!Files.exists(control, LinkOption.NOFOLLOW_LINKS)) {
            return new LogWriterException.Ended(
                    "log writer %s: found no control socket: it has ended".formatted(control));
        }
        String reason = cause == null ? "" : " (" + cause.getMessage() + ")";
        return new LogWriterException.Lost(
                "log writer %s: %s%s: it was killed".formatted(control, found, reason), cause);
    }

    /** Sends one command; it fits the socket's buffer. */
    void send(String command) {
        try {
            var bytes = ByteBuffer.wrap((command + "\n").getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException failure) {
            throw gone(control, "connection failed", failure);
        }
    }

    /** The next answer line without its newline. */
    String answer(Duration timeout) {
        var line = new StringBuilder();
        while (line.length() < ANSWER_LIMIT) {
            char next = (char) (await(1, timeout).get() & 0xff);
            if (next == '\n') {
                return line.toString();
            }
            line.append(next);
        }
        throw new LogWriterException.Lost(
                "log writer %s: found an answer longer than %d bytes"
                        .formatted(control, ANSWER_LIMIT),
                null);
    }

    /**
     * The input, once at least {@code length} bytes of it are here; they are the caller's to take.
     * When it times out nothing was taken.
     */
    ByteBuffer await(int length, Duration timeout) {
        long until = System.nanoTime() + timeout.toNanos();
        try {
            while (input.remaining() < length) {
                int n = receive();
                if (n < 0) {
                    throw gone(control, "it closed its connection", null);
                }
                if (n == 0) {
                    select(until, timeout);
                }
            }
            return input;
        } catch (IOException failure) {
            throw gone(control, "connection failed", failure);
        }
    }

    private int receive() throws IOException {
        input.compact();
        try {
            return channel.read(input);
        } finally {
            input.flip();
        }
    }

    private void select(long until, Duration timeout) throws IOException {
        long millis = (until - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
            throw new LogWriterException.TimedOut(
                    "log writer %s: no answer within %s".formatted(control, timeout));
        }
        selector.select(millis);
        selector.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
            throw new LogWriterException.TimedOut(
                    "log writer %s: interrupted while waiting".formatted(control));
        }
    }

    @Override
    public void close() {
        try (channel;
                selector) {
            return;
        } catch (IOException failure) {
            throw gone(control, "connection failed", failure);
        }
    }
}
