package io.berth.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ports that one client forwards: for each connection a data and an error stream, paired by the
 * request id in their headers.
 */
final class PortForwardSession {
    private static final Logger LOG = System.getLogger(PortForwardSession.class.getName());
    private static final int COPY_BYTES = 32 << 10;
    private static final int PAIRS_WAITING = 128;

    /** How long a client may go on sending to a pod that has said its last. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(30);

    private final Connection connection;
    private final StreamRequest.PortForward request;
    private final StreamTarget target;
    private final Duration patience;
    private final Map<String, Pair> waiting = new HashMap<>();

    PortForwardSession(
            Connection connection,
            StreamRequest.PortForward request,
            StreamTarget target,
            Duration patience) {
        this.connection = connection;
        this.request = request;
        this.target = target;
        this.patience = patience;
    }

    /** Streams that wait for their other half. */
    private static final class Pair {
        private final int port;
        private @Nullable ClientChannel data;
        private @Nullable Inbox input;
        private @Nullable ClientChannel error;

        Pair(int port) {
            this.port = port;
        }
    }

    /** Takes a stream that the client has opened, on the event loop; false if it makes no sense. */
    boolean open(ClientChannel stream, int id, SpdyStreams.Headers headers) {
        var kind = headers.get("streamtype");
        var port = port(headers.get("port"));
        if (port == 0 || !(kind.equals("data") || kind.equals("error"))) {
            return false;
        }
        boolean data = kind.equals("data");
        var name = headers.get("requestid");
        // Clients of old give no id; they open the error stream first, and the data stream next.
        var key = name.isEmpty() ? "stream " + (data ? id - 2 : id) : name;
        var pair = waiting.get(key);
        if (pair == null) {
            if (waiting.size() >= PAIRS_WAITING) {
                return false;
            }
            pair = new Pair(port);
            waiting.put(key, pair);
            var created = pair;
            connection.later(() -> expire(key, created), patience);
        }
        if (data ? pair.data != null : pair.error != null) {
            return false;
        }
        if (data) {
            pair.data = stream;
            pair.input = new Inbox(connection);
            stream.setInput(pair.input);
        } else {
            pair.error = stream;
        }
        if (pair.data != null && pair.input != null && pair.error != null) {
            waiting.remove(key);
            start(port, pair.data, pair.input, pair.error);
        }
        return true;
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port >= 1 && port <= 0xffff ? port : 0;
        } catch (NumberFormatException noNumber) {
            return 0;
        }
    }

    private void expire(String key, Pair pair) {
        if (!waiting.remove(key, pair)) {
            return;
        }
        var error = pair.error;
        Thread.ofVirtual()
                .name("port-forward-expired")
                .start(
                        () -> {
                            try {
                                if (error != null) {
                                    fail(error, pair.port, "no data stream came in " + patience);
                                    error.release();
                                } else if (pair.data != null && pair.input != null) {
                                    pair.input.discard();
                                    pair.data.end();
                                    pair.data.release();
                                }
                            } catch (IOException gone) {
                                LOG.log(Logger.Level.DEBUG, gone.getMessage());
                            }
                        });
    }

    /** Forwards one connection on threads of its own. */
    void start(int port, ClientChannel data, Inbox input, ClientChannel error) {
        connection.work(
                "port-forward-" + request.sandboxId() + "-" + port,
                () -> forward(port, data, input, error));
    }

    private void forward(int port, ClientChannel data, Inbox input, ClientChannel error) {
        try {
            try (var pod = target.connect(request, port)) {
                connection.tie(pod);
                try {
                    exchange(pod, data, input);
                } finally {
                    connection.untie(pod);
                }
            } catch (IOException | RuntimeException failure) {
                if (!connection.gone().isDone()) {
                    fail(error, port, String.valueOf(failure.getMessage()));
                }
            }
            error.end();
            data.end();
        } catch (IOException gone) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", request.subject(), gone.getMessage());
        } finally {
            input.discard();
            data.release();
            error.release(); // which not every client ends by itself
        }
    }

    private void exchange(StreamTarget.PortConnection pod, ClientChannel data, Inbox input)
            throws IOException {
        var upward =
                Thread.ofVirtual()
                        .name(Thread.currentThread().getName() + "-up")
                        .start(() -> upload(pod, input));
        var buffer = new byte[COPY_BYTES];
        for (int length = pod.read(buffer); length >= 0; length = pod.read(buffer)) {
            data.write(buffer, length);
        }
        data.end();
        try {
            if (!upward.join(LAST_WORDS)) {
                LOG.log(Logger.Level.DEBUG, "{0}: cut after its end", request.subject());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** To the pod, until the client or the pod wants no more. */
    private void upload(StreamTarget.PortConnection pod, Inbox input) {
        try {
            var buffer = new byte[COPY_BYTES];
            for (int length = input.read(buffer); length >= 0; length = input.read(buffer)) {
                pod.write(buffer, length);
            }
            pod.shutdownOutput();
        } catch (IOException refused) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", request.subject(), refused.getMessage());
            input.discard();
        }
    }

    private void fail(ClientChannel error, int port, String why) throws IOException {
        var text = "port %d of %s: %s".formatted(port, request.subject(), why);
        LOG.log(Logger.Level.INFO, text);
        var bytes = text.getBytes(UTF_8);
        error.write(bytes, bytes.length);
        error.end();
    }
}
