package io.berth.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server over real sockets, with clients that speak as Kubernetes' do. */
final class StreamServerTest {
    private static final Channels ALL = new Channels(true, true, true, false);
    private static final Channels TERMINAL = new Channels(true, true, false, true);
    private static final String V4 = "v4.channel.k8s.io";

    private final EchoTarget target = new EchoTarget();

    @SuppressWarnings("NullAway.Init")
    private StreamServer server;

    @BeforeEach
    void start() throws IOException {
        server = StreamServer.open(settings(Duration.ofSeconds(30)), target, Clock.systemUTC());
        server.start();
    }

    private static StreamSettings settings(Duration creation) {
        return new StreamSettings(
                "127.0.0.1", 0, Duration.ofHours(4), creation, Optional.empty(), 4 << 20);
    }

    @AfterEach
    void everythingEnds() {
        until(() -> target.running.get() == 0);
        until(() -> server.connections() == 0);
        server.close();
    }

    private static void until(BooleanSupplier check) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!check.getAsBoolean()) {
            assertThat(System.nanoTime()).as("a minute has not passed").isLessThan(deadline);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private URI exec(Channels channels, String... command) {
        return server.register(new StreamRequest.Exec("c1", List.of(command), channels));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4.channel.k8s.io", "v5.channel.k8s.io"})
    void theExitCodeIsOnTheErrorStream(String protocol) throws IOException {
        try (var client = SpdyClient.connect(exec(ALL, "exit", "7"), protocol)) {
            assertThat(client.answer()).contains("101").contains(protocol);
            var ids = client.openAll("error", "stdin", "stdout", "stderr");
            assertThat(client.all(ids.get(0)))
                    .contains("\"reason\":\"NonZeroExitCode\"")
                    .contains("{\"reason\":\"ExitCode\",\"message\":\"7\"}");
            assertThat(client.all(ids.get(2))).isEqualTo("out");
            assertThat(client.all(ids.get(3))).isEqualTo("err");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"channel.k8s.io", "v2.channel.k8s.io", "v3.channel.k8s.io"})
    void olderProtocolsGetTheirErrorsAsText(String protocol) throws IOException {
        try (var client = SpdyClient.connect(exec(ALL, "exit", "7"), protocol)) {
            var ids = client.openAll("error", "stdin", "stdout", "stderr");
            assertThat(client.all(ids.get(0))).isEqualTo("command terminated with exit code 7");
        }
    }

    @Test
    void theFirstProtocolThatBothKnowIsTaken() throws IOException {
        var url = exec(ALL, "exit", "0");
        try (var client = SpdyClient.connect(url, "v9.channel.k8s.io, " + V4, "channel.k8s.io")) {
            assertThat(client.answer()).contains("X-Stream-Protocol-Version: " + V4);
            var ids = client.openAll("error", "stdin", "stdout", "stderr");
            assertThat(client.all(ids.get(0))).contains("\"status\":\"Success\"");
        }
    }

    @Test
    void inputIsEchoedUntilItEnds() throws IOException {
        var random = new Random(7);
        var sent = new byte[3 << 20];
        random.nextBytes(sent);
        try (var client = SpdyClient.connect(exec(ALL, "cat"), V4)) {
            var ids = client.openAll("error", "stdin", "stdout", "stderr");
            var writer =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            client.data(ids.get(1), sent, true);
                                        } catch (IOException e) {
                                            throw new AssertionError(e);
                                        }
                                    });
            var got = client.all(ids.get(2)).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThat(got).isEqualTo(sent);
            assertThat(client.all(ids.get(0))).contains("Success");
            until(() -> !writer.isAlive());
        }
    }

    @Test
    void whatFailsIsTold() throws IOException {
        try (var client = SpdyClient.connect(exec(ALL, "fail"), V4)) {
            var ids = client.openAll("error", "stdin", "stdout", "stderr");
            assertThat(client.all(ids.get(0)))
                    .contains("\"message\":\"no \\\"such\\\" command\\u000a\"")
                    .contains("InternalError");
        }
    }

    @Test
    void theLastSizeOfATerminalIsTold() throws Exception {
        try (var client = SpdyClient.connect(exec(TERMINAL, "size"), V4)) {
            var ids = client.openAll("error", "stdin", "stdout", "resize");
            client.data(ids.get(3), "{\"Width\":80,\"Hei".getBytes(UTF_8), false);
            client.data(ids.get(3), "ght\":24}\n".getBytes(UTF_8), false);
            assertThat(target.size.get(60, TimeUnit.SECONDS)).isEqualTo(new TerminalSize(80, 24));
            assertThat(client.all(ids.get(0))).contains("Success");
        }
    }

    @Test
    void repliesHaveAHeaderAndPingsAreEchoed() throws IOException {
        try (var client = SpdyClient.connect(exec(ALL, "cat"), V4)) {
            int id = client.open("error");
            assertThat(client.next())
                    .isInstanceOfSatisfying(
                            SpdySynReplyFrame.class,
                            reply -> {
                                assertThat(reply.streamId()).isEqualTo(id);
                                assertThat(reply.headers().isEmpty()).isFalse();
                            });
            client.ping(5);
            assertThat(client.next())
                    .isInstanceOfSatisfying(
                            SpdyPingFrame.class, ping -> assertThat(ping.id()).isEqualTo(5));
            client.open("error");
            assertThat(client.next()).isInstanceOf(SpdyRstStreamFrame.class);
            client.open("nonsense");
            assertThat(client.next()).isInstanceOf(SpdyRstStreamFrame.class);
        }
    }

    @Test
    void aTokenIsGoodOnceAndForItsPathOnly() throws IOException {
        var url = exec(ALL, "exit", "0");
        try (var client = SpdyClient.connect(url, V4)) {
            client.openAll("error", "stdin", "stdout", "stderr");
            assertThat(client.answer()).startsWith("HTTP/1.1 101");
        }
        try (var again = SpdyClient.connect(url, V4)) {
            assertThat(again.answer()).startsWith("HTTP/1.1 404");
        }
        var other = URI.create(exec(ALL, "exit", "0").toString().replace("/exec/", "/attach/"));
        try (var client = SpdyClient.connect(other, V4)) {
            assertThat(client.answer()).startsWith("HTTP/1.1 404");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"431", "400"})
    void aRequestThatIsNoneIsRefusedAtOnce(String status) throws IOException {
        var request =
                status.equals("431")
                        ? "GET /exec/x HTTP/1.1\r\n" + "h".repeat(StreamServer.HEADER_BYTES + 1)
                        : "GET /exec/x NOHTTP\r\n\r\n";
        var url = exec(ALL, "cat");
        try (var client = new Socket(url.getHost(), url.getPort())) {
            client.setSoTimeout((int) Duration.ofSeconds(60).toMillis());
            client.getOutputStream().write(request.getBytes(UTF_8));
            var answer = new String(client.getInputStream().readAllBytes(), UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void aClientWithoutACommonProtocolHearsWhichThereAre() throws IOException {
        try (var client = SpdyClient.connect(exec(ALL, "cat"), "v9.channel.k8s.io")) {
            assertThat(client.answer())
                    .startsWith("HTTP/1.1 403")
                    .contains("X-Accepted-Stream-Protocol-Versions: " + V4);
        }
        try (var client = SpdyClient.connect(exec(ALL, "cat"))) {
            assertThat(client.answer()).startsWith("HTTP/1.1 400");
        }
    }

    @Test
    void aClientThatLeavesEndsItsSession() throws Exception {
        try (var client = SpdyClient.connect(exec(ALL, "wait"), V4)) {
            client.openAll("error", "stdin", "stdout", "stderr");
            until(() -> target.running.get() == 1);
        }
        assertThat(target.gone.get(60, TimeUnit.SECONDS)).isNotEmpty();
    }

    /** Its input fills every buffer on the way, so that nobody reads from its socket. */
    @Test
    void aClientThatLeavesWhileItsInputWaitsIsMissed() throws Exception {
        try (var client = SpdyClient.connect(exec(ALL, "wait"), V4)) {
            var ids = client.openAll("error", "stdin", "stdout", "stderr");
            client.data(ids.get(1), new byte[512 << 10], false);
            until(() -> target.running.get() == 1);
            client.socket().shutdownOutput();
        }
        assertThat(target.gone.get(60, TimeUnit.SECONDS)).isNotEmpty();
    }

    @Test
    void aClientThatDoesNotReadHoldsUpOnlyItself() throws Exception {
        try (var slow = SpdyClient.connect(exec(ALL, "flood", "1000000000"), V4)) {
            slow.openAll("error", "stdin", "stdout", "stderr");
            until(() -> target.running.get() == 1);
            try (var other = SpdyClient.connect(exec(ALL, "exit", "0"), V4)) {
                var ids = other.openAll("error", "stdin", "stdout", "stderr");
                assertThat(other.all(ids.get(0))).contains("Success");
            }
        }
    }

    @Test
    void aPortCarriesBothWaysAndEndsEachByItself() throws IOException {
        var url = server.register(new StreamRequest.PortForward("p1", List.of()));
        try (var client = SpdyClient.connect(url, "portforward.k8s.io")) {
            int error = open(client, "error", "8080", "0");
            int data = open(client, "data", "8080", "0");
            client.data(data, "hello".getBytes(UTF_8), false);
            client.data(data, " there".getBytes(UTF_8), true);
            assertThat(client.all(data)).isEqualTo("hello there");
            assertThat(client.all(error)).isEmpty();
            int refused = open(client, "error", "1", "1");
            open(client, "data", "1", "1");
            assertThat(client.all(refused)).contains("port 1").contains("nobody listens");
        }
    }

    /** More than a connection may have at once, by a client that does not end its streams. */
    @Test
    void aConnectionForwardsAnyNumberOfTimes() throws IOException {
        var url = server.register(new StreamRequest.PortForward("p1", List.of()));
        try (var client = SpdyClient.connect(url, "portforward.k8s.io")) {
            for (int i = 0; i < 600; i++) {
                int error = open(client, "error", "1", "r" + i);
                open(client, "data", "1", "r" + i);
                assertThat(client.all(error)).contains("nobody listens");
            }
        }
    }

    private static int open(SpdyClient client, String type, String port, String request)
            throws IOException {
        return client.open(Map.of("streamtype", type, "port", port, "requestid", request));
    }

    @Test
    void aPortThatMakesNoSenseIsRefused() throws IOException {
        var url = server.register(new StreamRequest.PortForward("p1", List.of()));
        try (var client = SpdyClient.connect(url, "portforward.k8s.io")) {
            for (var port : List.of("0", "65536", "-1", "", "http", "99999999999")) {
                open(client, "data", port, "r" + port);
                assertThat(client.next()).as(port).isInstanceOf(SpdyRstStreamFrame.class);
            }
        }
    }

    @Test
    void streamsThatNeverComeEndTheSession() throws IOException {
        try (var impatient =
                StreamServer.open(settings(Duration.ofMillis(50)), target, Clock.systemUTC())) {
            impatient.start();
            var url = impatient.register(new StreamRequest.Exec("c1", List.of("cat"), ALL));
            try (var client = SpdyClient.connect(url, V4)) {
                assertThatThrownBy(
                                () -> {
                                    client.open("error");
                                    while (true) {
                                        client.next();
                                    }
                                })
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void closingEndsSessionsAndWaitsForWhatTheyRan() throws Exception {
        var other = StreamServer.open(settings(Duration.ofMinutes(5)), target, Clock.systemUTC());
        other.start();
        var url = other.register(new StreamRequest.Exec("c1", List.of("wait"), ALL));
        try (var client = SpdyClient.connect(url, V4)) {
            client.openAll("error", "stdin", "stdout", "stderr");
            until(() -> target.running.get() == 1);
            assertThat(other.working()).isEqualTo(1);
            other.close();
            assertThat(other.working()).isZero();
            assertThat(target.running.get()).isZero();
        } finally {
            other.close();
        }
    }

    @Test
    void onlySoManyMayWaitForTheirClients() {
        for (int i = 0; i < StreamSettings.TOKENS; i++) {
            exec(ALL, "cat");
        }
        assertThatThrownBy(() -> exec(ALL, "cat"))
                .isInstanceOf(TooManyStreams.class)
                .hasMessageContaining("container c1");
    }

    /** Whatever comes instead of frames, its connection ends and the next client is served. */
    @Test
    void rubbishEndsItsOwnConnectionOnly() throws IOException {
        var random = new Random(42);
        for (int round = 0; round < 60; round++) {
            var rubbish = new byte[random.nextInt(4000)];
            random.nextBytes(rubbish);
            if (round % 3 == 0 && rubbish.length > 8) {
                // A control frame's beginning, of a kind and a length that exist.
                rubbish[0] = (byte) 0x80;
                rubbish[1] = 3;
                rubbish[2] = 0;
                rubbish[3] = (byte) (1 + random.nextInt(9));
                rubbish[5] = 0;
            }
            try (var client = SpdyClient.connect(exec(ALL, "cat"), V4)) {
                if (round % 2 == 0) {
                    client.openAll("error", "stdin", "stdout", "stderr");
                }
                try {
                    client.raw(rubbish);
                } catch (IOException endedAlready) {
                    assertThat(endedAlready.getMessage()).isNotNull();
                }
            }
        }
        try (var client = SpdyClient.connect(exec(ALL, "exit", "0"), V4)) {
            var ids = client.openAll("error", "stdin", "stdout", "stderr");
            assertThat(client.all(ids.get(0))).contains("Success");
        }
    }
}
