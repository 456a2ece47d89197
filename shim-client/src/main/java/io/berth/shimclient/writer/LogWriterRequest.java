package io.berth.shimclient.writer;

import java.nio.file.Path;

/**
 * A writer to launch.
 *
 * @param control absolute path of its control socket, at most 107 bytes: the key by which an audit
 *     finds the writer in {@code /proc/PID/cmdline}
 * @param maxLineBytes longest content of a log line, 64 bytes to 1 MiB; longer lines are split
 * @param afterLoss whether an earlier writer of the same FIFOs was killed: the log then says so,
 *     and an end of the output that came meanwhile is noticed
 */
public record LogWriterRequest(
        LogStreams streams, LogTarget target, Path control, int maxLineBytes, boolean afterLoss) {
    /** What the kubelet's readers expect: 16 KiB. */
    public static final int DEFAULT_MAX_LINE_BYTES = 16 * 1024;

    /** The first writer of its FIFOs. */
    public LogWriterRequest(LogStreams streams, LogTarget target, Path control, int maxLineBytes) {
        this(streams, target, control, maxLineBytes, false);
    }

    public LogWriterRequest {
        if (!control.isAbsolute()) {
            throw new IllegalArgumentException(
                    "log writer control socket %s: found a relative path, wanted an absolute one"
                            .formatted(control));
        }
        if (maxLineBytes < 64 || maxLineBytes > 1 << 20) {
            throw new IllegalArgumentException(
                    "log writer %s: found a longest line of %d bytes, wanted 64 to 1048576"
                            .formatted(control, maxLineBytes));
        }
    }
}
