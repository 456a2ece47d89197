package io.berth.shimclient.multiplex;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One socket shared by byte channels with numbers. The socket's end, a frame that is none, and a
 * channel that is sent more than it reads end them all, with the reason in the exception of whoever
 * reads or writes next.
 */
public final class Multiplexer implements Closeable {
    static final int HEADER_BYTES = 8;

    /** A ttrpc message of the greatest length, with its header. */
    static final int MAX_FRAME_BYTES = (4 << 20) + 10;

    /** What a peer takes with one read when it does not know how much is coming. */
    static final int FIRST_FRAME_BYTES = 4096;

    private static final int CHUNK_BYTES = 16 << 10;

    private final SocketChannel socket;
    private final String peer;
    private final Map<Integer, LogicalChannel> channels = new ConcurrentHashMap<>();
    private final ReentrantLock writing = new ReentrantLock();

    /**
     * @param peer what messages call the other side
     */
    public Multiplexer(SocketChannel socket, String peer) {
        this.socket = socket;
        this.peer = peer;
    }

    /** The channel of a number; before {@link #start}. */
    public ByteChannel open(int id) {
        if (id <= 0) {
            throw new IllegalArgumentException(
                    "multiplexer: found channel %d, wanted a positive number".formatted(id));
        }
        return channels.computeIfAbsent(id, _ -> new LogicalChannel(this, id));
    }

    /** Begins to read. */
    public void start() {
        Thread.ofVirtual().name("multiplexer-" + peer).start(this::readFrames);
    }

    /** Ends all channels; reads and writes in progress fail. */
    @Override
    public void close() {
        end(new EOFException(peer + ": closed by this side"));
    }

    /** Writes all that remains in {@code bytes}, in frames of which none is torn by another's. */
    void write(int id, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int limit = bytes.limit();
            int size = bytes.remaining();
            if (size > FIRST_FRAME_BYTES) {
                size = FIRST_FRAME_BYTES;
            }
            writeFrame(id, bytes.limit(bytes.position() + size));
            bytes.limit(limit);
            if (bytes.hasRemaining()) {
                int rest = Math.min(bytes.remaining(), MAX_FRAME_BYTES);
                writeFrame(id, bytes.limit(bytes.position() + rest));
                bytes.limit(limit);
            }
        }
    }

    private void writeFrame(int id, ByteBuffer payload) throws IOException {
        var header = ByteBuffer.allocate(HEADER_BYTES).putInt(id).putInt(payload.remaining());
        var frame = new ByteBuffer[] {header.flip(), payload};
        writing.lock();
        try {
            while (payload.hasRemaining()) {
                var _ = socket.write(frame);
            }
        } finally {
            writing.unlock();
        }
    }

    private void readFrames() {
        var header = ByteBuffer.allocate(HEADER_BYTES);
        try {
            while (fill(header)) {
                var channel = channels.get(header.getInt());
                int length = header.getInt();
                if (channel == null || length < 0 || length > MAX_FRAME_BYTES) {
                    throw new ProtocolException(
                            "%s: frame for channel %s of %s bytes; wanted one of %s, at most %d"
                                    .formatted(
                                            peer,
                                            Integer.toUnsignedString(header.getInt(0)),
                                            Integer.toUnsignedString(length),
                                            channels.keySet(),
                                            MAX_FRAME_BYTES));
                }
                readPayload(channel, length);
                header.clear();
            }
            end(new EOFException(peer + ": closed by the other side"));
        } catch (IOException e) {
            end(e);
        }
    }

    private void readPayload(LogicalChannel channel, int length) throws IOException {
        for (int left = length; left > 0; ) {
            var chunk = ByteBuffer.allocate(Math.min(left, CHUNK_BYTES));
            if (!fill(chunk)) {
                throw new EOFException(peer + ": closed within a frame");
            }
            left -= chunk.remaining();
            channel.received(chunk, peer);
        }
    }

    /** Fills a buffer and flips it; false if the peer closed before its first byte. */
    private boolean fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (socket.read(buffer) < 0) {
                if (buffer.position() == 0) {
                    return false;
                }
                throw new EOFException(peer + ": closed within a frame");
            }
        }
        buffer.flip();
        return true;
    }

    private void end(IOException reason) {
        try {
            socket.close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
        channels.values().forEach(channel -> channel.end(reason));
    }
}
