package io.berth.e2e.pod;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/** One line of a container's log in the CRI's format, which is checked as it is read. */
public record LogLine(Instant at, String stream, String tag, String text) {
    private static final Pattern FORMAT =
            Pattern.compile("(\\S+) (stdout|stderr) ([FP](?::\\S+)?) (.*)", Pattern.DOTALL);

    /** Reads a whole log. Its last line has to be complete. */
    public static List<LogLine> read(Path log) throws IOException {
        if (!Files.exists(log)) {
            return List.of();
        }
        var text = new String(Files.readAllBytes(log), UTF_8);
        if (!text.isEmpty() && !text.endsWith("\n")) {
            throw new AssertionError("log %s: its last line has no end: %s".formatted(log, text));
        }
        return text.isEmpty()
                ? List.of()
                : List.of(text.substring(0, text.length() - 1).split("\n", -1)).stream()
                        .map(LogLine::parse)
                        .toList();
    }

    /** The texts of one stream. */
    public static List<String> texts(Path log, String stream) throws IOException {
        return read(log).stream()
                .filter(l -> l.stream().equals(stream))
                .map(LogLine::text)
                .toList();
    }

    private static LogLine parse(String line) {
        var match = FORMAT.matcher(line);
        if (!match.matches()) {
            throw new AssertionError(
                    "log: found \"%s\", wanted TIME STREAM TAG TEXT".formatted(line));
        }
        return new LogLine(
                Instant.parse(match.group(1)), match.group(2), match.group(3), match.group(4));
    }
}
