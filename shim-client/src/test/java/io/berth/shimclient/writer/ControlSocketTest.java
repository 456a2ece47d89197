package io.berth.shimclient.writer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control socket in the hands of careless and hostile clients. */
class ControlSocketTest {
    private static final String[] WORDS = {
        "ping", "stats", "tap", "wait", "reopen", "\n", "\n\n", "ping\n", "stats\n", "\0", "\r\n",
        "x"
    };

    @TempDir Path folder;

    @Test
    void answersPipelinedCommandsInOrder() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            try (var client = connect(fixture)) {
                send(client, "ping\nno such\nstats\nreopen\n");
                String answers = read(client, 4);
                assertThat(answers.lines())
                        .satisfiesExactly(
                                a ->
                                        assertThat(a)
                                                .startsWith("ok pid=" + writer.pid() + " version="),
                                a -> assertThat(a).startsWith("error unknown command"),
                                a -> assertThat(a).startsWith("ok state=writing written=0"),
                                a -> assertThat(a).isEqualTo("ok"));
            }
            WriterFixture.stop(writer);
        }
    }

    @Test
    void aCommandThatIsTooLongIsRefusedAndItsClientDropped() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            try (var client = connect(fixture)) {
                send(client, "p".repeat(1000));
                assertThat(read(client, 100)).isEqualTo("error command longer than 128 bytes\n");
            }
            WriterFixture.stop(writer);
        }
    }

    @Test
    void moreClientsThanItServesAreSentAway() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            var clients = new ArrayList<SocketChannel>();
            for (int i = 0; i < 16; i++) {
                clients.add(connect(fixture));
            }
            try (var late = connect(fixture)) {
                assertThat(read(late, 1)).isEqualTo("error too many connections\n");
            }
            for (SocketChannel client : clients) {
                client.close();
            }
            WriterFixture.eventually("room again", () -> answers(writer));
            WriterFixture.stop(writer);
        }
    }

    private static boolean answers(LogWriter writer) {
        try {
            writer.ping();
            return true;
        } catch (LogWriterException.Refused | LogWriterException.Lost full) {
            return false;
        }
    }

    @Test
    void randomInputNeitherEndsItNorCostsALine() throws IOException {
        long seed = Long.getLong("berth.seed", 20261121L);
        var random = new Random(seed);
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            try (var out = WriterFixture.open(fixture.stdout);
                    var err = WriterFixture.open(fixture.stderr)) {
                for (int i = 0; i < 500; i++) {
                    try (var client = connect(fixture)) {
                        attack(client, random);
                    }
                    out.write(("line " + i + "\n").getBytes(ISO_8859_1));
                }
                err.flush();
            }
            writer.waitDrained(WriterFixture.LIMIT);
            var lines = fixture.lines();
            assertThat(lines).as("seed %d", seed).hasSize(500);
            for (int i = 0; i < 500; i++) {
                assertThat(lines.get(i)).endsWith(" stdout F line " + i);
            }
        }
    }

    private static void attack(SocketChannel client, Random random) {
        try {
            for (int i = random.nextInt(6); i > 0; i--) {
                if (random.nextBoolean()) {
                    send(client, WORDS[random.nextInt(WORDS.length)]);
                } else {
                    var bytes = new byte[random.nextInt(300)];
                    random.nextBytes(bytes);
                    send(client, new String(bytes, ISO_8859_1).replace("stop", "halt"));
                }
            }
        } catch (IOException dropped) {
            assertThat(dropped).hasMessageMatching("(?s).*(Broken pipe|Connection reset).*");
        }
    }

    private static SocketChannel connect(WriterFixture fixture) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(fixture.control));
    }

    private static void send(SocketChannel client, String text) throws IOException {
        client.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
    }

    /** So many lines, or what comes until the writer closes. */
    private static String read(SocketChannel client, int lines) throws IOException {
        var text = new StringBuilder();
        var buffer = ByteBuffer.allocate(4096);
        while (text.chars().filter(c -> c == '\n').count() < lines) {
            try {
                if (client.read(buffer.clear()) < 0) {
                    break;
                }
            } catch (IOException reset) {
                break;
            }
            text.append(ISO_8859_1.decode(buffer.flip()));
        }
        return text.toString();
    }
}
