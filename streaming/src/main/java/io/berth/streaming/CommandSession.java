package io.berth.streaming;

import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One exec or attach: waits for the client's streams, runs, tells the end and closes. */
final class CommandSession implements ClientStreams {
    private static final Logger LOG = System.getLogger(CommandSession.class.getName());

    private final Connection connection;
    private final StreamRequest request;
    private final Channels channels;
    private final Protocol protocol;
    private final Inbox stdin;
    private final Resizes resizes = new Resizes();
    private final Map<StreamKind, ClientChannel> streams = new EnumMap<>(StreamKind.class);

    CommandSession(
            Connection connection, StreamRequest request, Channels channels, Protocol protocol) {
        this.connection = connection;
        this.request = request;
        this.channels = channels;
        this.protocol = protocol;
        this.stdin = new Inbox(connection);
    }

    /** The session's work, whose result is the status that the client is told. */
    interface Work {
        ExitStatus run(ClientStreams client) throws IOException;
    }

    /** Takes a stream that the client has opened; false if it has opened such a one before. */
    synchronized boolean add(StreamKind kind, ClientChannel stream) {
        if (streams.putIfAbsent(kind, stream) != null) {
            return false;
        }
        switch (kind) {
            case STDIN -> stream.setInput(stdin);
            case RESIZE -> stream.setInput(resizes);
            case STDOUT, STDERR, ERROR -> stream.setInput(Input.NONE);
        }
        notifyAll();
        return true;
    }

    /** Which streams a client of this protocol opens before anything runs. */
    private Set<StreamKind> expected() {
        var kinds = EnumSet.of(StreamKind.ERROR);
        if (channels.stdin()) {
            kinds.add(StreamKind.STDIN);
        }
        if (channels.stdout()) {
            kinds.add(StreamKind.STDOUT);
        }
        if (channels.stderr()) {
            kinds.add(StreamKind.STDERR);
        }
        if (channels.tty() && protocol.resizes()) {
            kinds.add(StreamKind.RESIZE);
        }
        return kinds;
    }

    /** Runs the session on this thread. */
    void run(Duration patience, Work work, Object farewell) {
        try {
            awaitStreams(patience);
        } catch (IOException | InterruptedException never) {
            LOG.log(Logger.Level.INFO, "{0}: {1}", request.subject(), never.getMessage());
            connection.abort(String.valueOf(never.getMessage()));
            return;
        }
        ExitStatus status;
        try {
            status = work.run(this);
        } catch (IOException | RuntimeException failure) {
            LOG.log(
                    Logger.Level.INFO,
                    "{0}: {1} ended: {2}",
                    request.subject(),
                    request.path(),
                    failure.getMessage());
            status = new ExitStatus.Failure(String.valueOf(failure.getMessage()));
        }
        stdin.discard();
        resizes.end();
        tell(status);
        connection.finish(farewell);
    }

    private synchronized void awaitStreams(Duration patience)
            throws IOException, InterruptedException {
        var wanted = expected();
        long until = System.nanoTime() + patience.toNanos();
        while (!streams.keySet().containsAll(wanted)) {
            long millis = (until - System.nanoTime()) / 1_000_000;
            if (millis <= 0 || connection.gone().isDone()) {
                throw new IOException(
                        "client: found the streams %s, wanted %s within %s"
                                .formatted(streams.keySet(), wanted, patience));
            }
            wait(Math.min(millis, 1000)); // a departure is seen within a second
        }
    }

    private void tell(ExitStatus status) {
        try {
            var error = stream(StreamKind.ERROR);
            var bytes = status.bytes(protocol);
            if (error != null && bytes.length > 0) {
                error.write(bytes, bytes.length);
            }
            for (var kind : StreamKind.values()) {
                var stream = stream(kind);
                if (stream != null) {
                    stream.end();
                }
            }
        } catch (IOException gone) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", request.subject(), gone.getMessage());
        }
    }

    private synchronized @Nullable ClientChannel stream(StreamKind kind) {
        return streams.get(kind);
    }

    @Override
    public int readStdin(byte[] into) throws IOException {
        return channels.stdin() ? stdin.read(into) : -1;
    }

    @Override
    public void writeStdout(byte[] bytes, int length) throws IOException {
        write(StreamKind.STDOUT, channels.stdout(), bytes, length);
    }

    @Override
    public void writeStderr(byte[] bytes, int length) throws IOException {
        write(StreamKind.STDERR, channels.stderr(), bytes, length);
    }

    private void write(StreamKind kind, boolean wanted, byte[] bytes, int length)
            throws IOException {
        var stream = stream(kind);
        if (stream != null && wanted && length > 0) {
            stream.write(bytes, length);
        } else if (connection.gone().isDone()) {
            throw connection.lost();
        }
    }

    @Override
    public Optional<TerminalSize> nextSize() throws InterruptedException {
        return resizes.next();
    }

    @Override
    public CompletableFuture<String> gone() {
        return connection.gone();
    }

    /** The client is gone: whoever waits for its input goes on. */
    void clientGone() {
        stdin.fail(connection.lost());
        resizes.end();
        synchronized (this) {
            notifyAll();
        }
    }
}
