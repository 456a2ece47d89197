package io.berth.shimclient.ttrpc;

import com.google.protobuf.UnsafeByteOperations;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.Optional;

/** Reads frames from a peer that is not trusted. Memory grows with bytes received, not promised. */
final class FrameReader {
    private static final int CHUNK_BYTES = 8 << 10;

    private final ReadableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES).flip();

    FrameReader(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /**
     * The next frame, or empty when the peer closed between two frames.
     *
     * @throws ProtocolException if the length passes the limit
     * @throws EOFException if the peer closed within a frame
     */
    Optional<Frame> read() throws IOException {
        if (!buffer.hasRemaining() && !fill()) {
            return Optional.empty();
        }
        var header = ByteBuffer.wrap(bytes(Frame.HEADER_BYTES));
        int length = header.getInt();
        int streamId = header.getInt();
        int type = Byte.toUnsignedInt(header.get());
        int flags = Byte.toUnsignedInt(header.get());
        if (length < 0 || length > Frame.MAX_PAYLOAD_BYTES) {
            throw new ProtocolException(
                    "ttrpc frame: length %s, at most %d wanted"
                            .formatted(Integer.toUnsignedString(length), Frame.MAX_PAYLOAD_BYTES));
        }
        var payload = UnsafeByteOperations.unsafeWrap(bytes(length));
        return Optional.of(new Frame(streamId, type, flags, payload));
    }

    private byte[] bytes(int wanted) throws IOException {
        var bytes = new byte[Math.min(wanted, CHUNK_BYTES)];
        int have = 0;
        while (have < wanted) {
            if (!buffer.hasRemaining() && !fill()) {
                throw new EOFException(
                        "ttrpc frame: cut after %d of %d bytes".formatted(have, wanted));
            }
            if (have == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, 2L * bytes.length));
            }
            int count = Math.min(buffer.remaining(), bytes.length - have);
            buffer.get(bytes, have, count);
            have += count;
        }
        return bytes;
    }

    /** Refills the drained buffer; false at the end of the stream. */
    private boolean fill() throws IOException {
        buffer.clear();
        int count = channel.read(buffer);
        buffer.flip();
        return count > 0;
    }
}
