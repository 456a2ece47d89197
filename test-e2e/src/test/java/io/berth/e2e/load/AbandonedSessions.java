package io.berth.e2e.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.cri.v1.AttachRequest;
import io.berth.cri.v1.ExecRequest;
import io.berth.cri.v1.PortForwardRequest;
import io.berth.e2e.node.NodeMetrics;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.run.Waiting;
import io.berth.e2e.stream.RawClient;
import io.berth.e2e.stream.SpdyClient;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that ask for exec, attach or port-forward and leave at a random point: before they come,
 * in the midst of a request or a frame, with input or output on its way, or at the end. The same
 * seed leaves at the same points.
 */
public final class AbandonedSessions {
    /** What a container runs that is attached to and forwarded to. */
    public static final String CONTAINER =
            "nc -ll -p 8080 -e cat & while :; do echo tick; usleep 200000; done &"
                    + " while read a; do :; done; exec sleep 9999999";

    /** What no command has in its line but those that are run here. */
    public static final String MARK = "987654";

    private static final int WORKERS = 6;
    private static final int AT_ONCE = 10;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int INPUT_BYTES = 200_000;
    private static final String PORT = "8080";
    private static final String PORTS = "portforward.k8s.io";

    /**
     * First those that say something and do not end by themselves, then others that say something.
     */
    private static final List<String> COMMANDS =
            List.of(
                    "echo begun; exec sleep " + MARK,
                    "sleep " + MARK + " & echo begun; sleep " + MARK,
                    "cat; : " + MARK,
                    "while :; do echo " + MARK + "; done",
                    "head -c 300000 /dev/zero; sleep " + MARK,
                    "trap '' TERM HUP INT; echo begun; sleep " + MARK,
                    "echo out; echo err >&2",
                    "exec sleep " + MARK,
                    "cat > /dev/null; sleep " + MARK,
                    "exit 3");

    private static final int LASTING = 6;
    private static final int SAYING = 7;

    private final TestNode node;
    private final String sandbox;
    private final String container;
    private final long seed;

    /**
     * @param container one that runs {@link #CONTAINER} with stdin
     */
    public AbandonedSessions(TestNode node, String sandbox, String container, long seed) {
        this.node = node;
        this.sandbox = sandbox;
        this.container = container;
        this.seed = seed;
    }

    /** Where a session is left. */
    private enum Point {
        BEFORE_COMING,
        BEFORE_ASKING,
        IN_THE_REQUEST,
        AFTER_THE_ANSWER,
        BETWEEN_STREAMS,
        WITH_ALL_STREAMS,
        IN_A_FRAME,
        WITH_INPUT,
        AFTER_INPUT,
        WITH_OUTPUT
    }

    /** Runs the sessions of these numbers, several at a time. */
    public void run(int from, int count) throws InterruptedException {
        var next = new AtomicInteger(from);
        Workers.run(
                WORKERS,
                () -> {
                    for (int n = next.getAndIncrement();
                            n < from + count;
                            n = next.getAndIncrement()) {
                        awaitTurn();
                        one(n);
                    }
                });
    }

    /**
     * A shim of version 1.6 starts one command at a time, and hears of ends between two starts
     * only: if too many come at once it takes a second for each.
     */
    private void awaitTurn() throws IOException {
        Waiting.until(
                "fewer than %d commands that are cleared up".formatted(AT_ONCE),
                PATIENCE,
                () -> NodeMetrics.sum(node, "berth_stream_work") < AT_ONCE);
    }

    private void one(int number) throws IOException {
        var random = new Random(seed * 1_000_003 + number);
        random.nextInt(); // neighbouring seeds begin alike
        // Names that nobody comes for are kept for a minute, and are at most a thousand.
        var point =
                random.nextInt(64) == 0
                        ? Point.BEFORE_COMING
                        : Point.values()[1 + random.nextInt(Point.values().length - 1)];
        boolean webSocket = random.nextInt(3) == 0;
        int kind = random.nextInt(10);
        try {
            if (kind < 7) {
                var tty = random.nextBoolean();
                int known = point == Point.WITH_OUTPUT ? SAYING : COMMANDS.size();
                // A shim keeps a terminal to which was typed as its process ended by itself.
                known = tty ? Math.min(known, LASTING) : known;
                var url = exec(COMMANDS.get(random.nextInt(known)), tty);
                command(url, point, tty, webSocket, random);
            } else if (kind < 9) {
                command(attach(), point, false, webSocket, random);
            } else {
                ports(point, webSocket, random);
            }
        } catch (IOException | RuntimeException failed) {
            throw new IOException(
                    "session %d of seed %d, left %s: %s".formatted(number, seed, point, failed),
                    failed);
        }
    }

    private URI exec(String script, boolean tty) {
        var request =
                ExecRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of("sh", "-c", script))
                        .setTty(tty)
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(!tty)
                        .build();
        return URI.create(node.client().runtime().exec(request).getUrl());
    }

    private URI attach() {
        var request =
                AttachRequest.newBuilder()
                        .setContainerId(container)
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(true)
                        .build();
        return URI.create(node.client().runtime().attach(request).getUrl());
    }

    private void command(URI url, Point point, boolean tty, boolean webSocket, Random random)
            throws IOException {
        if (early(url, point, random)) {
            return;
        }
        if (webSocket) {
            try (var client = RawClient.connect(url)) {
                client.upgrade(url, "v5.channel.k8s.io");
                messages(client, point, random);
                leave(client.socket(), random);
            }
            return;
        }
        var types =
                tty
                        ? List.of("error", "stdin", "stdout", "resize")
                        : List.of("error", "stdin", "stdout", "stderr");
        try (var client = SpdyClient.connect(url, "v4.channel.k8s.io")) {
            streams(client, point, types, random);
            leave(client.socket(), random);
        }
    }

    /** The points before anything was agreed on. */
    private static boolean early(URI url, Point point, Random random) throws IOException {
        if (point == Point.BEFORE_COMING) {
            return true;
        }
        if (point != Point.BEFORE_ASKING && point != Point.IN_THE_REQUEST) {
            return false;
        }
        try (var client = RawClient.connect(url)) {
            if (point == Point.IN_THE_REQUEST) {
                var request = RawClient.webSocketRequest(url, "v5.channel.k8s.io");
                client.sendPart(request.getBytes(ISO_8859_1), 1 + random.nextInt(request.length()));
            }
            leave(client.socket(), random);
        }
        return true;
    }

    private static void streams(SpdyClient client, Point point, List<String> types, Random random)
            throws IOException {
        if (point == Point.AFTER_THE_ANSWER) {
            return;
        }
        int wanted =
                point == Point.BETWEEN_STREAMS
                        ? 1 + random.nextInt(types.size() - 1)
                        : types.size();
        for (var type : types.subList(0, wanted)) {
            client.open(type);
        }
        int stdin = 3;
        int stdout = 5;
        try {
            switch (point) {
                case IN_A_FRAME -> client.raw(new byte[] {0, 0, 0, (byte) stdin, 0, 1, 0, 0, 'x'});
                case WITH_INPUT -> client.data(stdin, input(random), false);
                case AFTER_INPUT -> client.data(stdin, "some words\n".getBytes(UTF_8), true);
                case WITH_OUTPUT -> {
                    client.data(stdin, "some words\n".getBytes(UTF_8), random.nextBoolean());
                    client.some(stdout);
                }
                default -> {
                    // nothing is sent
                }
            }
        } catch (IOException overAlready) {
            ended(overAlready);
        }
    }

    private static void messages(RawClient client, Point point, Random random) throws IOException {
        var words = "some words\n".getBytes(UTF_8);
        try {
            switch (point) {
                case BETWEEN_STREAMS ->
                        client.send(RawClient.message(4, "{\"Width\":".getBytes(UTF_8)));
                case IN_A_FRAME ->
                        client.sendPart(RawClient.message(0, words), 1 + random.nextInt(10));
                case WITH_INPUT -> client.send(RawClient.message(0, input(random)));
                case AFTER_INPUT -> {
                    client.send(RawClient.message(0, words));
                    client.send(RawClient.message(255, new byte[1]));
                }
                case WITH_OUTPUT -> {
                    client.send(RawClient.message(0, words));
                    var _ = client.socket().getInputStream().read();
                }
                default -> {
                    // nothing is sent
                }
            }
        } catch (IOException overAlready) {
            ended(overAlready);
        }
    }

    private void ports(Point point, boolean tunnel, Random random) throws IOException {
        var request =
                PortForwardRequest.newBuilder().setPodSandboxId(sandbox).addPort(8080).build();
        var url = URI.create(node.client().runtime().portForward(request).getUrl());
        if (early(url, point, random)) {
            return;
        }
        if (tunnel) {
            try (var client = RawClient.connect(url)) {
                client.upgrade(url, "v4.channel.k8s.io");
                messages(client, point, random);
                leave(client.socket(), random);
            }
            return;
        }
        try (var client = SpdyClient.connect(url, PORTS)) {
            if (point != Point.AFTER_THE_ANSWER) {
                pairs(client, point, random);
            }
            leave(client.socket(), random);
        }
    }

    private static void pairs(SpdyClient client, Point point, Random random) throws IOException {
        try {
            for (int pair = 0; pair <= random.nextInt(4); pair++) {
                var name = Integer.toString(pair);
                client.open(Map.of("streamtype", "error", "port", PORT, "requestid", name));
                if (point == Point.BETWEEN_STREAMS) {
                    continue;
                }
                int data =
                        client.open(Map.of("streamtype", "data", "port", PORT, "requestid", name));
                if (point == Point.WITH_INPUT || point == Point.WITH_OUTPUT) {
                    client.data(data, input(random), random.nextBoolean());
                }
                if (point == Point.WITH_OUTPUT) {
                    client.some(data);
                }
            }
        } catch (IOException overAlready) {
            ended(overAlready);
        }
    }

    /** The server may be first to close; what it must not do is to leave a client waiting. */
    private static void ended(IOException why) throws IOException {
        if (why instanceof java.net.SocketTimeoutException) {
            throw why;
        }
    }

    private static byte[] input(Random random) {
        var bytes = new byte[1 + random.nextInt(INPUT_BYTES)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 60 == 59 ? '\n' : 'a' + i % 26);
        }
        return bytes;
    }

    /** Closes in one of the ways in which connections end. */
    private static void leave(Socket socket, Random random) throws IOException {
        switch (random.nextInt(3)) {
            case 0 -> socket.setSoLinger(true, 0); // by a reset
            case 1 -> {
                try {
                    socket.shutdownOutput();
                } catch (IOException overAlready) {
                    ended(overAlready);
                }
            }
            default -> {
                // by closing both directions
            }
        }
    }
}
