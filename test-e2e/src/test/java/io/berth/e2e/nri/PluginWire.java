package io.berth.e2e.nri;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A plugin's end of its socket: calls of the node come in on channel 1, its own go out on 2.
 *
 * <pre>
 * socket  := { u32 channel | u32 length | length bytes }        of which a channel's joined are
 * channel := { u32 length | u32 stream | u8 type | u8 0 | length bytes }   type 1 asks, 2 answers
 * </pre>
 */
final class PluginWire implements AutoCloseable {
    private static final int SERVED = 1;
    private static final int ASKED = 2;
    private static final int REQUEST = 1;
    private static final int RESPONSE = 2;
    private static final int HEADER_BYTES = 10;
    private static final int MAX_BYTES = 8 << 20;

    /** Answers a call of the node. */
    interface Service {
        MessageLite answer(String method, ByteString request)
                throws IOException, InterruptedException;
    }

    private final SocketChannel socket;
    private final Service service;
    private final Map<Integer, ByteArrayOutputStream> received = new HashMap<>();
    private final Map<Integer, CompletableFuture<ByteString>> pending = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private int nextStream = 1;

    PluginWire(SocketChannel socket, Service service) {
        this.socket = socket;
        this.service = service;
    }

    void start() {
        Thread.ofVirtual().name("test-plugin").start(this::read);
    }

    CompletableFuture<Void> ended() {
        return ended;
    }

    private void read() {
        try (var in = Channels.newInputStream(socket)) {
            while (true) {
                var header = ByteBuffer.wrap(in.readNBytes(8));
                if (header.remaining() < 8) {
                    throw new EOFException("closed");
                }
                int channel = header.getInt();
                int length = header.getInt();
                if (length < 0 || length > MAX_BYTES) {
                    throw new IOException("frame of " + length + " bytes");
                }
                var bytes = received.computeIfAbsent(channel, _ -> new ByteArrayOutputStream());
                bytes.writeBytes(in.readNBytes(length));
                received.put(channel, rest(channel, bytes.toByteArray()));
            }
        } catch (IOException | RuntimeException gone) {
            ended.complete(null);
            pending.values().forEach(call -> call.completeExceptionally(gone));
        }
    }

    /** Handles whole messages; what is left of the last is returned. */
    private ByteArrayOutputStream rest(int channel, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.remaining() >= HEADER_BYTES
                && buffer.remaining() - HEADER_BYTES >= buffer.getInt(buffer.position())) {
            int length = buffer.getInt();
            int stream = buffer.getInt();
            buffer.position(buffer.position() + 2);
            var payload = ByteString.copyFrom(buffer, length);
            if (channel == SERVED) {
                Thread.ofVirtual().name("test-plugin-call").start(() -> serve(stream, payload));
            } else {
                var call = pending.remove(stream);
                if (call != null) {
                    call.complete(payload);
                }
            }
        }
        var left = new ByteArrayOutputStream();
        left.write(bytes, buffer.position(), buffer.remaining());
        return left;
    }

    private void serve(int stream, ByteString request) {
        try {
            var method = field(request, 2).toStringUtf8();
            var answer = ByteString.newOutput();
            var out = CodedOutputStream.newInstance(answer);
            try {
                var reply = service.answer(method, field(request, 3));
                out.writeByteArray(2, reply.toByteArray());
            } catch (NodePlugin.Refusal no) {
                var status = ByteString.newOutput();
                var inner = CodedOutputStream.newInstance(status);
                inner.writeInt32(1, 2);
                inner.writeString(2, String.valueOf(no.getMessage()));
                inner.flush();
                out.writeBytes(1, status.toByteString());
            }
            out.flush();
            send(SERVED, stream, RESPONSE, answer.toByteString());
        } catch (IOException gone) {
            ended.complete(null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    <R extends MessageLite> R call(String method, MessageLite request, Parser<R> parser)
            throws IOException {
        var bytes = ByteString.newOutput();
        var out = CodedOutputStream.newInstance(bytes);
        out.writeString(1, "nri.pkg.api.v1alpha1.Runtime");
        out.writeString(2, method);
        out.writeByteArray(3, request.toByteArray());
        out.flush();
        var answer = new CompletableFuture<ByteString>();
        int stream;
        synchronized (pending) {
            stream = nextStream;
            nextStream += 2;
            pending.put(stream, answer);
            send(ASKED, stream, REQUEST, bytes.toByteString());
        }
        try {
            var response = answer.get(60, TimeUnit.SECONDS);
            var status = field(response, 1);
            if (!status.isEmpty()) {
                throw new NodePlugin.Refusal(field(status, 2).toStringUtf8());
            }
            return parser.parseFrom(field(response, 2));
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(method + ": no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(method, e);
        }
    }

    private synchronized void send(int channel, int stream, int type, ByteString payload)
            throws IOException {
        var frame =
                ByteBuffer.allocate(8 + HEADER_BYTES + payload.size())
                        .putInt(channel)
                        .putInt(HEADER_BYTES + payload.size())
                        .putInt(payload.size())
                        .putInt(stream)
                        .put((byte) type)
                        .put((byte) 0)
                        .put(payload.asReadOnlyByteBuffer())
                        .flip();
        while (frame.hasRemaining()) {
            socket.write(frame);
        }
    }

    /** The bytes of a field of a message; empty if it has none. */
    private static ByteString field(ByteString message, int number) throws IOException {
        var in = message.newCodedInput();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == (number << 3 | 2)) {
                return in.readBytes();
            }
            in.skipField(tag);
        }
        return ByteString.EMPTY;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
