package io.berth.shimclient.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.foreign.MemoryExhausted;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads frames from a peer that is not trusted. Memory grows with bytes received, not promised, and
 * a long frame is read only if the memory budget has room for it.
 */
final class FrameReader {
    private static final int CHUNK_BYTES = 8 << 10;

    /** A frame as short as this is read whatever else is in memory: ends of tasks must come. */
    private static final int SHORT_BYTES = 64 << 10;

    /** The payload, and its copy in a message. */
    private static final int COPIES = 2;

    private final MemoryBudget memory;
    private final ReadableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES).flip();

    FrameReader(ReadableByteChannel channel, MemoryBudget memory) {
        this.channel = channel;
        this.memory = memory;
    }

    /**
     * The next frame, or empty when the peer closed between two frames. The caller closes it. One
     * that finds no room in memory is passed over and comes without its payload.
     *
     * @throws ProtocolException if the length passes the limit
     * @throws EOFException if the peer closed within a frame
     */
    Optional<Incoming> read() throws IOException {
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
        MemoryBudget.Share room;
        try {
            room = room(length);
        } catch (MemoryExhausted full) {
            skip(length);
            var empty = new Frame(streamId, type, flags, ByteString.EMPTY);
            var none = memory.force(ForeignKind.MESSAGES, 0);
            return Optional.of(new Incoming(empty, none, Optional.of(full)));
        }
        try {
            var payload = UnsafeByteOperations.unsafeWrap(bytes(length));
            var frame = new Frame(streamId, type, flags, payload);
            return Optional.of(new Incoming(frame, room, Optional.empty()));
        } catch (IOException | RuntimeException cut) {
            room.close();
            throw cut;
        }
    }

    /** Room for a payload; one that is longer than all may be together goes alone. */
    private MemoryBudget.Share room(int length) {
        long bytes = (long) COPIES * length;
        return length <= SHORT_BYTES
                ? memory.force(ForeignKind.MESSAGES, bytes)
                : memory.take(
                        ForeignKind.MESSAGES, Math.min(bytes, memory.limit(ForeignKind.MESSAGES)));
    }

    private void skip(int length) throws IOException {
        int left = length;
        while (left > 0) {
            if (!buffer.hasRemaining() && !fill()) {
                throw new EOFException(
                        "ttrpc frame: cut after %d of %d bytes".formatted(length - left, length));
            }
            int count = Math.min(buffer.remaining(), left);
            buffer.position(buffer.position() + count);
            left -= count;
        }
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
