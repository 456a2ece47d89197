package io.berth.shimclient.writer;

import java.util.Locale;
import java.util.Map;

/**
 * What a writer has done so far.
 *
 * @param writtenBytes bytes in log files, heads of lines included
 * @param errno of the last write, 0 when it worked
 */
public record LogWriterStats(
        State state, long writtenBytes, int errno, Stream stdout, Stream stderr) {
    /** What the writer is doing. */
    public enum State {
        WRITING,
        /** The file system refuses (full disk, quota): lines are dropped and counted. */
        FAILING,
        /** The disk does not answer: lines are dropped and counted. */
        STALLED,
        /** The output has ended and the log is not complete yet. */
        DRAINING,
        /** The log is complete. */
        DONE
    }

    /**
     * One stream.
     *
     * @param bytes read from the container
     * @param lines of the log, the dropped ones included
     * @param droppedBytes of content
     */
    public record Stream(long bytes, long lines, long droppedLines, long droppedBytes) {}

    static LogWriterStats of(Map<String, String> fields) {
        return new LogWriterStats(
                State.valueOf(fields.getOrDefault("state", "").toUpperCase(Locale.ROOT)),
                number(fields, "written"),
                Math.toIntExact(number(fields, "errno")),
                stream(fields, "stdout"),
                stream(fields, "stderr"));
    }

    private static Stream stream(Map<String, String> fields, String name) {
        return new Stream(
                number(fields, name + ".bytes"),
                number(fields, name + ".lines"),
                number(fields, name + ".dropped_lines"),
                number(fields, name + ".dropped_bytes"));
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(fields.getOrDefault(name, ""));
    }
}
