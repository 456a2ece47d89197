package io.berth.daemon.cli.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.daemon.cli.console.Console;
import io.berth.linux.Terminal;
import io.berth.streaming.client.ClientStream;
import io.berth.streaming.client.StreamConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/** Connects standard input, output and errors with a session of exec or attach. */
public final class CommandStreams {
    private static final String PROTOCOL = "v4.channel.k8s.io";
    private static final int COPY_BYTES = 32 << 10;
    private static final int STATUS_BYTES = 64 << 10;

    /**
     * How often the terminal's size is looked at: Java tells no program of SIGWINCH by an interface
     * that is meant for it.
     */
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Console console;
    private final InputStream input;
    private final boolean stdin;
    private final boolean tty;

    /**
     * @param stdin whether the input is passed on
     * @param tty whether there is a terminal at the other end, which has no stream of errors
     */
    public CommandStreams(Console console, InputStream input, boolean stdin, boolean tty) {
        this.console = console;
        this.input = input;
        this.stdin = stdin;
        this.tty = tty;
    }

    /**
     * Stays until the session is over.
     *
     * @return the command's exit code; 0 for an attachment
     */
    public int run(URI url, SSLContext tls) throws IOException {
        try (var connection = StreamConnection.open(url, PROTOCOL, tls)) {
            var error = open(connection, "error");
            var in =
                    stdin ? Optional.of(open(connection, "stdin")) : Optional.<ClientStream>empty();
            var out = open(connection, "stdout");
            var errors = open(connection, tty ? "resize" : "stderr");
            try (var terminal =
                    new Restored(stdin && tty ? RawTerminal.open() : Optional.empty())) {
                terminal.raw.ifPresent(raw -> follow(raw, errors));
                in.ifPresent(this::feed);
                var beside = tty ? Optional.<Thread>empty() : Optional.of(beside(errors));
                copyQuietly(out, console::output);
                if (beside.isPresent()) {
                    beside.get().join();
                }
                return ExitStatus.code(all(error));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }

    /** A terminal in raw mode, or none. */
    private record Restored(Optional<RawTerminal> raw) implements AutoCloseable {
        @Override
        public void close() {
            raw.ifPresent(RawTerminal::close);
        }
    }

    private static ClientStream open(StreamConnection connection, String type) throws IOException {
        return connection.open(Map.of("streamtype", type));
    }

    private Thread beside(ClientStream errors) {
        return Thread.ofVirtual().name("stderr").start(() -> copyQuietly(errors, console::error));
    }

    /** The connection's loss is told by the error stream. */
    private static void copyQuietly(ClientStream from, Consumer<byte[]> to) {
        try {
            copy(from, to);
        } catch (IOException lost) {
            from.ignore();
        }
    }

    private static void copy(ClientStream from, Consumer<byte[]> to) throws IOException {
        for (var bytes = from.read(); bytes.length > 0; bytes = from.read()) {
            to.accept(bytes);
        }
    }

    private static byte[] all(ClientStream from) throws IOException {
        var all = new ByteArrayOutputStream();
        for (var bytes = from.read(); bytes.length > 0; bytes = from.read()) {
            if (all.size() + bytes.length > STATUS_BYTES) {
                throw new IOException("server: its status is longer than " + STATUS_BYTES);
            }
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    /** A read of standard input cannot be ended, so its thread is one that is left behind. */
    private void feed(ClientStream to) {
        Thread.ofPlatform()
                .daemon()
                .name("stdin")
                .start(
                        () -> {
                            var buffer = new byte[COPY_BYTES];
                            try {
                                for (int n = input.read(buffer); n >= 0; n = input.read(buffer)) {
                                    to.write(buffer, n);
                                }
                                to.end();
                            } catch (IOException over) {
                                to.ignore(); // the session's end is told by the error stream
                            }
                        });
    }

    private static void follow(RawTerminal terminal, ClientStream resize) {
        Thread.ofVirtual()
                .name("size")
                .start(
                        () -> {
                            var last = new Terminal.Size(0, 0);
                            try {
                                while (true) {
                                    var size = terminal.size();
                                    if (!size.equals(last) && size.columns() > 0) {
                                        last = size;
                                        send(size, resize);
                                    }
                                    Thread.sleep(LOOK);
                                }
                            } catch (IOException over) {
                                resize.ignore(); // with the terminal or the session
                            } catch (InterruptedException stop) {
                                Thread.currentThread().interrupt();
                            }
                        });
    }

    private static void send(Terminal.Size size, ClientStream to) throws IOException {
        var text = "{\"Width\":%d,\"Height\":%d}\n".formatted(size.columns(), size.rows());
        var bytes = text.getBytes(UTF_8);
        to.write(bytes, bytes.length);
    }
}
