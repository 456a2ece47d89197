package io.berth.e2e.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** How fast a container's output gets into its log. */
final class LogOutput {
    private static final Figure OUTPUT = Figure.rate("output of 100-byte lines", "MB");
    private static final int LINE_BYTES = 100;

    /** As many as are written again and again. */
    private static final int FILE_LINES = 100_000;

    private static final int LAST_BYTES = 1000;
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private LogOutput() {}

    static void measure(Round round) throws IOException {
        round.alternate("output", round.effort().log().rounds(), each -> output(round, each));
    }

    /** From the first line to the last, as the log's own times say. */
    private static void output(Round round, Contender contender) throws IOException {
        var kubelet = contender.kubelet();
        var pod = contender.pod();
        var sandbox = contender.run(pod);
        int lines = round.effort().log().lines();
        var script =
                "yes %s | head -n %d > /tmp/lines; echo go; for i in $(seq %d); do cat /tmp/lines; done; echo end"
                        .formatted("x".repeat(LINE_BYTES - 1), FILE_LINES, lines / FILE_LINES);
        var config = kubelet.shell("c", script);
        var log = Kubelet.log(pod, config);
        kubelet.launch(sandbox, pod, config.build());
        Waiting.until(
                "the end of the output",
                LIMIT,
                () -> Files.exists(log) && last(log).endsWith(" end"),
                () -> log.toString());
        var took = Duration.between(time(first(log)), time(last(log)));
        round.add(OUTPUT, contender, (double) lines * LINE_BYTES / 1e6 / (took.toNanos() / 1e9));
        kubelet.end(sandbox);
        Files.delete(log);
    }

    private static Instant time(String line) {
        return Instant.parse(line.substring(0, line.indexOf(' ')));
    }

    private static String first(Path log) throws IOException {
        var text = text(log, 0);
        return text.substring(0, text.indexOf('\n'));
    }

    /** The last line that is whole; nothing if there is none. */
    private static String last(Path log) throws IOException {
        var text = text(log, Math.max(0, Files.size(log) - LAST_BYTES));
        int end = text.lastIndexOf('\n');
        return end < 0 ? "" : text.substring(text.lastIndexOf('\n', end - 1) + 1, end);
    }

    private static String text(Path log, long from) throws IOException {
        try (var channel = Files.newByteChannel(log)) {
            channel.position(from);
            var bytes = ByteBuffer.allocate(LAST_BYTES);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            return new String(bytes.array(), 0, bytes.position(), UTF_8);
        }
    }
}
