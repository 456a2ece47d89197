package io.berth.daemon.cli.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs are read as they grow, are rotated and end in the middle of a line. */
final class LogReaderTest {
    @TempDir private Path folder = Path.of("");

    private final List<String> lines = new ArrayList<>();

    private Path file() {
        return folder.resolve("0.log");
    }

    private void write(String text) throws IOException {
        Files.writeString(file(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String entry(String stream, String tag, String text) {
        return "2026-01-01T00:00:00.000000000Z " + stream + " " + tag + " " + text + "\n";
    }

    private void poll(LogReader reader) throws IOException {
        reader.poll(line -> lines.add((line.error() ? "E " : "O ") + line.text()));
    }

    @Test
    void aLineComesOnceItIsWholeAndPiecesAreJoinedByStream() throws IOException {
        try (var reader = new LogReader(file())) {
            poll(reader);
            write(entry("stdout", "P", "one "));
            write(entry("stderr", "F", "other"));
            write(
                    entry("stdout", "P:x", "and ")
                            + entry("stdout", "F", "the same").substring(0, 40));
            poll(reader);
            assertThat(lines).containsExactly("E other");
            write(entry("stdout", "F", "the same").substring(40));
            write(entry("stdout", "F", ""));
            poll(reader);
            assertThat(lines).containsExactly("E other", "O one and the same", "O ");
        }
    }

    @Test
    void aRotatedFileIsReadToItsEndBeforeItsSuccessor() throws IOException {
        try (var reader = new LogReader(file())) {
            write(entry("stdout", "F", "1"));
            poll(reader);
            write(entry("stdout", "F", "2"));
            Files.move(file(), folder.resolve("0.log.1"));
            poll(reader);
            Files.writeString(
                    folder.resolve("0.log.1"),
                    entry("stdout", "F", "3"),
                    StandardOpenOption.APPEND);
            write(entry("stdout", "F", "4"));
            poll(reader);
            assertThat(lines).containsExactly("O 1", "O 2", "O 3", "O 4");
        }
    }

    @Test
    void theLastLinesAreTheLast() throws IOException {
        for (int i = 0; i < 10; i++) {
            write(entry("stdout", "F", "line " + i));
        }
        try (var reader = new LogReader(file())) {
            reader.pollLast(2, line -> lines.add(line.text()));
            assertThat(lines).containsExactly("line 8", "line 9");
        }
    }

    @Test
    void theLastLineNeedsNoLineBreak() throws IOException {
        write(entry("stdout", "F", "first"));
        write(entry("stdout", "P", "last "));
        write(entry("stdout", "P", "of out"));
        write(entry("stderr", "P", "last of err"));
        try (var reader = new LogReader(file())) {
            poll(reader);
            assertThat(lines).containsExactly("O first");
            reader.finish(line -> lines.add((line.error() ? "E " : "O ") + line.text()));
            assertThat(lines).containsExactly("O first", "O last of out", "E last of err");
            reader.finish(line -> lines.add("once more: " + line.text()));
            assertThat(lines).hasSize(3);
        }
        lines.clear();
        try (var reader = new LogReader(file())) {
            reader.finishLast(2, line -> lines.add(line.text()));
            assertThat(lines).containsExactly("last of out", "last of err");
        }
    }

    @Test
    void whatIsNoLogLineIsShownAsItIs() throws IOException {
        write("garbage\n");
        try (var reader = new LogReader(file())) {
            poll(reader);
            assertThat(lines).containsExactly("O garbage");
        }
    }
}
