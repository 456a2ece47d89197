package io.berth.shimclient.writer;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A live copy of a container's output. A reader that is too slow loses output, told as a {@link
 * Gap}; the container never waits for it. Used by one thread; closed from any.
 */
public final class LogTap implements AutoCloseable {
    private static final int HEAD = 5;
    private static final int BODY_LIMIT = 16 * 1024;

    private final ControlConnection connection;

    LogTap(ControlConnection connection) {
        this.connection = connection;
    }

    /** What comes out of a tap. */
    public sealed interface Frame {}

    /** Bytes of stdout; of a terminal, all bytes. */
    @SuppressWarnings("ArrayRecordComponent") // bytes to hand on, never compared
    public record Stdout(byte[] bytes) implements Frame {}

    /** Bytes of stderr. */
    @SuppressWarnings("ArrayRecordComponent") // bytes to hand on, never compared
    public record Stderr(byte[] bytes) implements Frame {}

    /** So many bytes of output were thrown away here. */
    public record Gap(long bytes) implements Frame {}

    /** The output has ended; the last frame. */
    public record End() implements Frame {}

    /**
     * The next frame.
     *
     * @throws LogWriterException.TimedOut when none comes in time; the tap is then still good
     * @throws LogWriterException.Lost when the writer was killed
     * @throws LogWriterException.Ended when the writer ended without waiting for this tap, which
     *     had not taken its output in time
     */
    public Frame next(Duration timeout) {
        ByteBuffer input = connection.await(HEAD, timeout);
        int type = input.get(input.position());
        int length = input.getInt(input.position() + 1);
        if (length < 0 || length > BODY_LIMIT) {
            throw malformed("%d bytes".formatted(length));
        }
        connection.await(HEAD + length, timeout);
        var body = new byte[length];
        input.position(input.position() + HEAD).get(body);
        return switch (type) {
            case 1 -> new Stdout(body);
            case 2 -> new Stderr(body);
            case 3 -> new Gap(gapLength(body));
            case 4 -> new End();
            default -> throw malformed("type %d".formatted(type));
        };
    }

    private static long gapLength(byte[] body) {
        if (body.length != Long.BYTES) {
            throw malformed("a gap of %d bytes".formatted(body.length));
        }
        return ByteBuffer.wrap(body).getLong();
    }

    private static LogWriterException malformed(String found) {
        return new LogWriterException.Lost("log tap: found a frame with %s".formatted(found), null);
    }

    @Override
    public void close() {
        connection.close();
    }
}
