package io.berth.shimclient.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import io.berth.linux.foreign.MemoryBudget;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that break the protocol lose their connection, and nobody else notices. */
@Timeout(60)
class HostileFramesTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir Path directory;

    private static ByteBuffer header(int length, int streamId, int type) {
        return ByteBuffer.allocate(Frame.HEADER_BYTES)
                .putInt(length)
                .putInt(streamId)
                .put((byte) type)
                .put((byte) 0)
                .flip();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static FrameReader reader(byte[] bytes) {
        return new FrameReader(
                Channels.newChannel(new ByteArrayInputStream(bytes)), MemoryBudget.ofThisHeap());
    }

    @Test
    void framesSurviveTheRoundTrip() throws IOException {
        var payload = new byte[100_000];
        new Random(5).nextBytes(payload);
        var bytes = Frame.request(7, ByteString.copyFrom(payload)).encode();
        var frame = reader(bytes(bytes)).read().orElseThrow().frame();
        assertThat(frame.streamId()).isEqualTo(7);
        assertThat(frame.type()).isEqualTo(Frame.REQUEST);
        assertThat(frame.payload()).isEqualTo(ByteString.copyFrom(payload));
        assertThat(reader(new byte[0]).read()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {Frame.MAX_PAYLOAD_BYTES + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
    void lengthsOverTheLimitAreRefusedBeforeAllocation(int length) {
        assertThatThrownBy(() -> reader(bytes(header(length, 1, 1))).read())
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("at most 4194304 wanted");
    }

    @Test
    void cutFramesAreRefused() {
        var bytes = bytes(Frame.request(1, ByteString.copyFrom(new byte[300])).encode());
        for (int length = 1; length < bytes.length; length++) {
            var cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> reader(cut).read()).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void randomBytesNeverBreakTheParsers() {
        long seed = Long.getLong("berth.seed", System.nanoTime());
        var random = new Random(seed);
        var valid =
                new RequestMessage(
                                "a.B", "C", ByteString.copyFromUtf8("payload"), 5, Map.of("k", "v"))
                        .encode()
                        .toByteArray();
        for (int round = 0; round < 20_000; round++) {
            var bytes = valid.clone();
            if (round % 2 == 0) {
                bytes = new byte[random.nextInt(64)];
                random.nextBytes(bytes);
            } else {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            final var fuzzed = bytes;
            assertOnlyIoException(seed, () -> RequestMessage.decode(ByteString.copyFrom(fuzzed)));
            assertOnlyIoException(seed, () -> ResponseMessage.decode(ByteString.copyFrom(fuzzed)));
            assertOnlyIoException(seed, () -> reader(fuzzed).read());
        }
    }

    private interface Parse {
        Object parse() throws IOException;
    }

    private static void assertOnlyIoException(long seed, Parse parse) {
        try {
            assertThat(parse.parse()).isNotNull();
        } catch (IOException expected) {
            assertThat(expected).as("seed %d", seed).hasMessageNotContaining("null");
        }
    }

    @Test
    void serverCutsOffAClientThatBreaksTheProtocolAndServesTheOthers() throws IOException {
        var socket = directory.resolve("s");
        try (var server =
                        TtrpcServer.bind(socket)
                                .handle("t", "Echo", StringValue.parser(), (q, m) -> q);
                var good = start(server, socket)) {
            assertCutOff(socket, header(Integer.MAX_VALUE, 1, 1));
            assertCutOff(socket, header(0, 2, 1)); // even id
            assertCutOff(socket, header(0, 1, 2)); // a response
            assertCutOff(socket, header(0, 1, 3)); // a stream
            assertCutOff(
                    socket,
                    Frame.request(1, ByteString.copyFrom(new byte[] {(byte) 0xff, 1, 2})).encode());
            var twice = ByteBuffer.allocate(2 * Frame.HEADER_BYTES);
            assertCutOff(socket, twice.put(header(0, 3, 1)).put(header(0, 3, 1)).flip());
            assertThat(good.call("t", "Echo", StringValue.of("x"), StringValue.parser(), LONG))
                    .isEqualTo(StringValue.of("x"));
        }
    }

    private static TtrpcClient start(TtrpcServer server, Path socket) {
        server.start();
        return TtrpcClient.connect(socket, Map.of());
    }

    private static void assertCutOff(Path socket, ByteBuffer bytes) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(bytes);
            var answer = ByteBuffer.allocate(4096);
            int count;
            do {
                answer.clear();
                count = channel.read(answer);
            } while (count > 0);
            assertThat(count).isEqualTo(-1);
        } catch (IOException reset) {
            assertThat(reset).hasMessageMatching("Broken pipe|Connection reset.*");
        }
    }

    @Test
    void clientLeavesAServerThatBreaksTheProtocol() throws IOException {
        assertClientLeaves(header(Integer.MAX_VALUE, 1, 2));
        assertClientLeaves(header(0, 99, 2)); // never asked
        assertClientLeaves(header(0, 2, 2)); // even id
        assertClientLeaves(header(0, 1, 1)); // a request
        assertClientLeaves(
                Frame.response(1, ByteString.copyFrom(new byte[] {0x0a, 0x7f})).encode());
        assertClientLeaves(ByteBuffer.allocate(3));
    }

    private void assertClientLeaves(ByteBuffer answer) throws IOException {
        var socket = directory.resolve("hostile-" + System.nanoTime());
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try (var peer = listener.accept()) {
                                    peer.read(ByteBuffer.allocate(4096));
                                    peer.write(answer);
                                    peer.shutdownOutput();
                                    peer.read(ByteBuffer.allocate(1));
                                } catch (IOException e) {
                                    assertThat(e).hasMessageMatching("(?i).*(reset|pipe).*");
                                }
                            });
            try (var client = TtrpcClient.connect(socket, Map.of())) {
                assertThatThrownBy(
                                () ->
                                        client.call(
                                                "t",
                                                "Echo",
                                                StringValue.of("x"),
                                                StringValue.parser(),
                                                LONG))
                        .isInstanceOf(TtrpcException.Closed.class);
                assertThat(client.isOpen()).isFalse();
            }
        }
    }

    @Test
    void serverThatNeverReadsHoldsNoCallerPastItsDeadline() throws IOException {
        var socket = directory.resolve("deaf");
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            var big = StringValue.of("x".repeat(3 << 20));
            try (var client = TtrpcClient.connect(socket, Map.of())) {
                for (int i = 0; i < 5; i++) {
                    assertThatThrownBy(
                                    () ->
                                            client.call(
                                                    "t",
                                                    "Echo",
                                                    big,
                                                    StringValue.parser(),
                                                    Duration.ofMillis(50)))
                            .isInstanceOf(TtrpcException.DeadlinePassed.class);
                }
            }
        }
    }
}
