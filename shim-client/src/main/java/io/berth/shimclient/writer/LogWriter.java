package io.berth.shimclient.writer;

import io.berth.linux.step.Steps;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A running log writer, known by its control socket. Holds nothing open: each call connects anew,
 * so that it works after either side was restarted. Safe for several threads.
 *
 * @param pid of the writer; for a signal, check with {@code startTime} that it is still the same
 * @param startTime field 22 of {@code /proc/PID/stat}
 */
public record LogWriter(int pid, long startTime, Path control) {
    /** How long a writer may take to answer what needs no disk. */
    static final Duration ANSWER = Duration.ofSeconds(5);

    /** The writer's own limit for a disk that hangs is 2 s. */
    static final Duration DISK_ANSWER = Duration.ofSeconds(15);

    private static final Pattern SPACE = Pattern.compile(" ");

    /**
     * Checks that the writer answers.
     *
     * @throws LogWriterException.Ended when its log is complete
     * @throws LogWriterException.Lost when it was killed
     */
    public void ping() {
        ask(control, "ping", ANSWER);
    }

    /** Counters and state. */
    public LogWriterStats stats() {
        return LogWriterStats.of(ask(control, "stats", ANSWER));
    }

    /**
     * Makes the writer close its log file and open the log path anew. When it returns no line goes
     * to the old file any more, and none was lost or doubled.
     *
     * @throws LogWriterException.Refused when the path cannot be opened: nothing was created and
     *     the old file is written on
     */
    public void reopen() {
        Steps.require("log writer reopen " + control);
        ask(control, "reopen", DISK_ANSWER);
    }

    /**
     * Makes the writer take what the FIFOs hold now, complete its log and end; it does not wait for
     * the container to close them. Already ended is success.
     */
    public void stop() {
        Steps.require("log writer stop " + control);
        try {
            ask(control, "stop", DISK_ANSWER);
        } catch (LogWriterException.Ended alreadyEnded) {
            return;
        }
    }

    /**
     * Waits until all writers of the FIFOs have closed them and the log is complete.
     *
     * @throws LogWriterException.TimedOut when that takes longer; the writer goes on
     * @throws LogWriterException.Lost when the writer was killed: the log may lack its end
     */
    public void waitDrained(Duration timeout) {
        try {
            ask(control, "wait", timeout);
        } catch (LogWriterException.Ended alreadyEnded) {
            return;
        }
    }

    /** A live copy of the output from now on; close it after use. */
    public LogTap tap() {
        var connection = ControlConnection.open(control);
        try {
            connection.send("tap");
            accepted(control, connection.answer(ANSWER));
        } catch (LogWriterException failure) {
            connection.close();
            throw failure;
        }
        return new LogTap(connection);
    }

    static Map<String, String> ask(Path control, String command, Duration timeout) {
        try (var connection = ControlConnection.open(control)) {
            connection.send(command);
            return accepted(control, connection.answer(timeout));
        }
    }

    /** The fields of an {@code ok} answer. */
    private static Map<String, String> accepted(Path control, String answer) {
        String[] words = SPACE.split(answer, -1);
        if (!words[0].equals("ok")) {
            String reason = answer.startsWith("error ") ? answer.substring(6) : answer;
            throw new LogWriterException.Refused("log writer %s: %s".formatted(control, reason));
        }
        var fields = new HashMap<String, String>();
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals > 0) {
                fields.put(words[i].substring(0, equals), words[i].substring(equals + 1));
            }
        }
        return fields;
    }
}
