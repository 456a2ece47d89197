package io.berth.shimclient.writer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The CRI log format, byte by byte, as the real program writes it. */
class LogFormatTest {
    private static final int MAX = 64;
    private static final String FULL = "m".repeat(MAX);
    private static final String GO_NANOS =
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{0,8}[1-9])?Z";

    @TempDir Path folder;

    static Stream<Arguments> outputs() {
        return Stream.of(
                Arguments.of("nothing", "", List.of()),
                Arguments.of("one line", "hello\n", List.of("F hello")),
                Arguments.of("an empty line", "\n", List.of("F ")),
                Arguments.of("empty lines around", "\na\n\n", List.of("F ", "F a", "F ")),
                Arguments.of("an unterminated end", "a\nb", List.of("F a", "P b")),
                Arguments.of("only an unterminated end", "b", List.of("P b")),
                Arguments.of("a carriage return before the newline", "a\r\n", List.of("F a")),
                Arguments.of("only a carriage return and newline", "\r\n", List.of("F ")),
                Arguments.of("two carriage returns", "a\r\r\n", List.of("F a\r")),
                Arguments.of("a carriage return inside", "a\rb\n", List.of("F a\rb")),
                Arguments.of("a carriage return at the end", "a\r", List.of("P a\r")),
                Arguments.of("exactly the maximum", FULL + "\n", List.of("F " + FULL)),
                Arguments.of("the maximum, unterminated", FULL, List.of("P " + FULL)),
                Arguments.of("one more", FULL + "x\n", List.of("P " + FULL, "F x")),
                Arguments.of("one more, unterminated", FULL + "x", List.of("P " + FULL, "P x")),
                Arguments.of(
                        "the maximum and a carriage return", FULL + "\r\n", List.of("F " + FULL)),
                Arguments.of("the maximum and two", FULL + "\r\r\n", List.of("P " + FULL, "F \r")),
                Arguments.of(
                        "the maximum and one at the end",
                        FULL + "\r",
                        List.of("P " + FULL, "P \r")),
                Arguments.of(
                        "three times the maximum",
                        FULL.repeat(3) + "\n",
                        List.of("P " + FULL, "P " + FULL, "F " + FULL)),
                Arguments.of("every byte", allBytes() + "\n", List.of("F " + allBytes())));
    }

    /** 0x00 to 0xff without newline and in parts below the maximum is tried by the seeded test. */
    private static String allBytes() {
        return "\0\u0001\t\u001b[31m\u007f\u0080\u00ff \u00c3\u00a9";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outputs")
    void isWrittenAsTheKubeletReadsIt(String name, String output, List<String> expected)
            throws IOException {
        assertThat(name).isNotEmpty();
        assertThat(written(List.of(output))).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outputs")
    void isTheSameWhenItComesByteByByte(String name, String output, List<String> expected)
            throws IOException {
        assertThat(name).isNotEmpty();
        var bytes = new ArrayList<String>();
        output.chars().forEach(c -> bytes.add(String.valueOf((char) c)));
        assertThat(written(bytes)).isEqualTo(expected);
    }

    @Test
    void randomBytesInRandomPiecesFollowTheRules() throws IOException {
        long seed = Long.getLong("berth.seed", 20261121L);
        var random = new Random(seed);
        var output = new StringBuilder();
        var pieces = new ArrayList<String>();
        while (output.length() < 300_000) {
            var piece = new StringBuilder();
            for (int left = random.nextInt(400); left > 0; left--) {
                int kind = random.nextInt(100);
                piece.append(kind < 2 ? '\n' : kind < 5 ? '\r' : (char) random.nextInt(256));
            }
            output.append(piece);
            pieces.add(piece.toString());
        }
        assertThat(written(pieces)).as("seed %d", seed).isEqualTo(expected(output.toString()));
    }

    /** The rules once more, in the plainest words. */
    private static List<String> expected(String output) {
        var lines = new ArrayList<String>();
        int from = 0;
        while (from < output.length()) {
            int newline = output.indexOf('\n', from);
            boolean ended = newline >= 0;
            String line = output.substring(from, ended ? newline : output.length());
            from += line.length() + 1;
            if (ended && line.endsWith("\r")) {
                line = line.substring(0, line.length() - 1);
            }
            for (; line.length() > MAX; line = line.substring(MAX)) {
                lines.add("P " + line.substring(0, MAX));
            }
            lines.add((ended ? "F " : "P ") + line);
        }
        return lines;
    }

    @Test
    void timesAreThoseOfGoAndOfNow() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(MAX);
            Instant before = Instant.now();
            try (var out = WriterFixture.open(fixture.stdout);
                    var err = WriterFixture.open(fixture.stderr)) {
                for (int i = 0; i < 200; i++) {
                    out.write("line\n".getBytes(ISO_8859_1));
                    err.write("line\n".getBytes(ISO_8859_1));
                }
            }
            writer.waitDrained(WriterFixture.LIMIT);
            List<String> lines = fixture.lines();
            assertThat(lines).hasSize(400);
            for (String line : lines) {
                String time = line.substring(0, line.indexOf(' '));
                assertThat(time).matches(GO_NANOS);
                assertThat(Instant.parse(time)).isBetween(before, Instant.now());
            }
        }
    }

    @Test
    void aTerminalHasOneStream() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer =
                    fixture.launch(
                            new LogWriterRequest(
                                    new LogStreams.Terminal(fixture.stdout),
                                    new LogTarget.LogFile(fixture.log),
                                    fixture.control,
                                    MAX));
            try (var out = WriterFixture.open(fixture.stdout)) {
                out.write("$ ls\r\na b\r\n$ ".getBytes(ISO_8859_1));
            }
            writer.waitDrained(WriterFixture.LIMIT);
            assertThat(fixture.lines().stream().map(WriterFixture::untimed))
                    .containsExactly("stdout F $ ls", "stdout F a b", "stdout P $ ");
            assertThat(fixture.stderr).doesNotExist();
        }
    }

    /** The tags and contents that the writer makes of the pieces, each written by itself. */
    private List<String> written(List<String> pieces) throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(MAX);
            try (var out = WriterFixture.open(fixture.stdout);
                    var err = WriterFixture.open(fixture.stderr)) {
                for (String piece : pieces) {
                    out.write(piece.getBytes(ISO_8859_1));
                }
                err.flush();
            }
            writer.waitDrained(WriterFixture.LIMIT);
            return fixture.lines().stream()
                    .map(WriterFixture::untimed)
                    .map(
                            line -> {
                                assertThat(line).startsWith("stdout ");
                                return line.substring("stdout ".length());
                            })
                    .toList();
        }
    }
}
