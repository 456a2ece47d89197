package io.berth.streaming;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that never finish what they begin, and those that ask and never read the answers. */
final class UnfinishedClientsTest {
    private static final Channels ALL = new Channels(true, true, true, false);
    private static final String V4 = "v4.channel.k8s.io";
    private static final int HALF_OPEN = 1200;

    private final EchoTarget target = new EchoTarget();
    private final List<Socket> open = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private StreamServer server;

    @TempDir private Path folder = Path.of("");

    @BeforeEach
    void start() throws IOException {
        server = serve(Optional.empty());
    }

    private StreamServer serve(Optional<StreamSettings.Tls> tls) throws IOException {
        var settings =
                new StreamSettings(
                        "127.0.0.1", 0, Duration.ofHours(4), Duration.ofSeconds(30), tls, 4 << 20);
        var made = StreamServer.open(settings, target, Clock.systemUTC());
        made.start();
        return made;
    }

    @AfterEach
    void everythingEnds() throws IOException {
        for (var each : open) {
            each.close();
        }
        until(() -> target.running.get() == 0);
        server.close();
    }

    private static void until(BooleanSupplier check) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!check.getAsBoolean()) {
            assertThat(System.nanoTime()).as("a minute has not passed").isLessThan(deadline);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private URI exec(StreamServer at, String... command) {
        return at.register(new StreamRequest.Exec("c1", List.of(command), ALL));
    }

    private Socket half(URI url, String begun) throws IOException {
        var socket = new Socket(url.getHost(), url.getPort());
        open.add(socket);
        socket.getOutputStream().write(begun.getBytes(US_ASCII));
        return socket;
    }

    @Test
    void aThousandRequestsThatNeverEndHoldUpNoClientWithAToken() throws IOException {
        var url = exec(server, "exit", "0");
        for (int i = 0; i < HALF_OPEN; i++) {
            half(url, "POST " + url.getPath() + " HTTP/1.1\r\nX-Slow: ");
        }
        for (int i = 0; i < 20; i++) {
            half(url, "");
            succeeds(exec(server, "exit", "0"));
        }
        assertThat(server.unknown()).isLessThanOrEqualTo(StreamSettings.STRANGERS);
        assertThat(server.connections()).isLessThanOrEqualTo(20);
    }

    private static void succeeds(URI url) throws IOException {
        try (var client = SpdyClient.connect(url, V4)) {
            var ids = client.openAll("error", "stdin", "stdout", "stderr");
            assertThat(client.all(ids.get(0))).contains("Success");
        }
    }

    @Test
    void handshakesThatNeverEndHoldUpNobody() throws Exception {
        KeyPairFiles.write(folder, "server", "EC");
        var files =
                new StreamSettings.Tls(folder.resolve("server.crt"), folder.resolve("server.key"));
        try (var secure = serve(Optional.of(files))) {
            var url = exec(secure, "exit", "0");
            for (int i = 0; i < HALF_OPEN; i++) {
                half(url, "\u0016\u0003\u0001");
            }
            var trusting = SSLContext.getInstance("TLS");
            trusting.init(
                    null,
                    InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
                    new SecureRandom());
            try (var client =
                    trusting.getSocketFactory().createSocket(url.getHost(), url.getPort())) {
                client.setSoTimeout(60_000);
                client.getOutputStream().write(upgrade(url));
                var answer = client.getInputStream().readNBytes(12);
                assertThat(new String(answer, US_ASCII)).isEqualTo("HTTP/1.1 101");
            }
        }
    }

    /** Each byte comes in time, the whole request never does. */
    @Test
    void aSlowRequestHasFiveSecondsInAll() throws IOException {
        var url = exec(server, "exit", "0");
        var slow = half(url, "GET /exec/x HTTP/1.1\r\nX-Slow: ");
        slow.setSoTimeout(100);
        long begun = System.nanoTime();
        while (!closed(slow)) {
            assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(30));
        }
        assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.SECONDS.toNanos(4));
        until(() -> server.unknown() == 0);
    }

    private static boolean closed(Socket slow) throws IOException {
        try {
            slow.getOutputStream().write('a');
            return slow.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    /** The server stops reading, or ends a connection that had sent too much by then. */
    @Test
    void aClientThatAsksAndNeverReadsIsNotReadFromForLong() throws IOException {
        assertThat(pour(exec(server, "wait"), pings()))
                .as("bytes of pings that were taken")
                .isLessThan(24 << 20);
        succeeds(exec(server, "exit", "0"));
    }

    private static byte[] upgrade(URI url) {
        return String.join(
                        "\r\n",
                        "POST " + url.getPath() + " HTTP/1.1",
                        "Host: x",
                        "Connection: Upgrade",
                        "Upgrade: SPDY/3.1",
                        "X-Stream-Protocol-Version: " + V4,
                        "",
                        "")
                .getBytes(US_ASCII);
    }

    private static byte[] pings() {
        var pings = ByteBuffer.allocate(12 * 5000);
        while (pings.hasRemaining()) {
            pings.putShort((short) 0x8003).putShort((short) 6).putInt(4).putInt(1);
        }
        return pings.array();
    }

    /**
     * Sends on a connection of its own until nothing has been taken for two seconds, or until the
     * server has ended the connection.
     */
    private static long pour(URI url, byte[] bytes) throws IOException {
        try (var channel =
                SocketChannel.open(new InetSocketAddress(url.getHost(), url.getPort()))) {
            channel.write(ByteBuffer.wrap(upgrade(url)));
            var answer = ByteBuffer.allocate(12);
            while (answer.hasRemaining()) {
                assertThat(channel.read(answer)).isPositive();
            }
            channel.configureBlocking(false);
            long sent = 0;
            long moved = System.nanoTime();
            var left = ByteBuffer.wrap(bytes);
            while (sent < 100 << 20 && System.nanoTime() - moved < TimeUnit.SECONDS.toNanos(2)) {
                int taken;
                try {
                    taken = channel.write(left);
                } catch (IOException ended) {
                    return sent;
                }
                sent += taken;
                if (taken > 0) {
                    moved = System.nanoTime();
                }
                if (!left.hasRemaining()) {
                    left.rewind();
                }
            }
            return sent;
        }
    }
}
