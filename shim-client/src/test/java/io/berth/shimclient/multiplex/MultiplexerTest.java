package io.berth.shimclient.multiplex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Channels over one socket keep their bytes apart, and a peer that cheats loses the socket. */
@Timeout(60)
class MultiplexerTest {
    @TempDir Path folder;

    @SuppressWarnings("NullAway.Init")
    private SocketChannel ours;

    @SuppressWarnings("NullAway.Init")
    private SocketChannel theirs;

    @BeforeEach
    void connect() throws IOException {
        var address = UnixDomainSocketAddress.of(folder.resolve("s"));
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(address);
            ours = SocketChannel.open(address);
            theirs = listener.accept();
        }
        Files.delete(address.getPath());
    }

    @AfterEach
    void close() throws IOException {
        ours.close();
        theirs.close();
    }

    private static byte[] read(ByteChannel channel, int count) throws IOException {
        var bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            assertThat(channel.read(bytes)).isPositive();
        }
        return bytes.array();
    }

    private static void write(SocketChannel socket, int... words) throws IOException {
        var bytes = ByteBuffer.allocate(4 * words.length);
        for (int word : words) {
            bytes.putInt(word);
        }
        socket.write(bytes.flip());
    }

    @Test
    void channelsKeepTheirBytesApart() throws IOException {
        var here = new Multiplexer(ours, "here");
        var there = new Multiplexer(theirs, "there");
        var channels = new ByteChannel[] {here.open(1), here.open(2)};
        var ends = new ByteChannel[] {there.open(1), there.open(2)};
        here.start();
        there.start();
        var random = new Random(3);
        for (int size : new int[] {1, 10, 4096, 4097, 100_000, 1_000_000}) {
            for (int i = 0; i < 2; i++) {
                var bytes = new byte[size];
                random.nextBytes(bytes);
                channels[i].write(ByteBuffer.wrap(bytes));
                assertThat(read(ends[i], size)).isEqualTo(bytes);
            }
        }
        here.close();
        for (var end : ends) {
            assertThat(end.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(end.isOpen()).isFalse();
        }
    }

    /** What a reader in Go takes with one read, unless it waits for more. */
    @Test
    void aLongMessageBeginsWithAFrameOf4096Bytes() throws IOException {
        var channel = new Multiplexer(ours, "peer").open(1);
        channel.write(ByteBuffer.allocate(10_000));
        var header = ByteBuffer.wrap(read(theirs, 8));
        assertThat(header.getInt()).isEqualTo(1);
        assertThat(header.getInt()).isEqualTo(4096);
        read(theirs, 4096);
        header = ByteBuffer.wrap(read(theirs, 8));
        assertThat(header.getInt()).isEqualTo(1);
        assertThat(header.getInt()).isEqualTo(10_000 - 4096);
    }

    @Test
    void framesThatAreNoneEndAllChannels() throws IOException {
        for (var header : new int[][] {{3, 5}, {1, Multiplexer.MAX_FRAME_BYTES + 1}, {2, -1}}) {
            var multiplexer = new Multiplexer(ours, "peer");
            var first = multiplexer.open(1);
            var second = multiplexer.open(2);
            multiplexer.start();
            write(theirs, header);
            for (var channel : new ByteChannel[] {first, second}) {
                assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("peer: frame for channel");
            }
            close();
            connect();
        }
    }

    @Test
    void whatNobodyReadsIsBounded() throws IOException {
        var multiplexer = new Multiplexer(ours, "peer");
        var unread = multiplexer.open(1);
        multiplexer.start();
        var frame = ByteBuffer.allocate(8 + (1 << 20)).putInt(1).putInt(1 << 20);
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 1000; i++) {
                                theirs.write(frame.rewind());
                            }
                        })
                .as("the socket is closed long before")
                .isInstanceOf(IOException.class);
        assertThatThrownBy(
                        () -> {
                            var bytes = ByteBuffer.allocate(1 << 16);
                            while (unread.read(bytes) > 0) {
                                bytes.clear();
                            }
                        })
                .hasMessageContaining("unread on channel 1");
    }

    @Test
    void aPeerThatGoesWithinAFrameEndsTheChannel() throws IOException {
        var multiplexer = new Multiplexer(ours, "peer");
        var channel = multiplexer.open(1);
        multiplexer.start();
        write(theirs, 1, 100, 7);
        theirs.close();
        assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
}
