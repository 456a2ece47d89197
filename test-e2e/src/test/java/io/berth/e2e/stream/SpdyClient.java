package io.berth.e2e.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A client as Kubernetes' are: opens its streams, sends no window updates, waits for replies. */
public final class SpdyClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 240_000;

    private final Socket socket;
    private final EmbeddedChannel codec =
            new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final Map<Integer, ByteArrayOutputStream> received = new HashMap<>();
    private final Set<Integer> ended = new HashSet<>();
    private final String answer;
    private int nextId = 1;

    private SpdyClient(Socket socket, String answer) {
        this.socket = socket;
        this.answer = answer;
    }

    /** Asks for an upgrade; what was answered is kept, whether it was agreed to or not. */
    public static SpdyClient connect(URI url, String... protocols) throws IOException {
        return over(new Socket(url.getHost(), url.getPort()), url, protocols);
    }

    /** The same over a connection that stands. */
    public static SpdyClient over(Socket socket, URI url, String... protocols) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        var request =
                new StringBuilder("POST " + url.getPath() + " HTTP/1.1\r\nHost: test\r\n")
                        .append("Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n");
        for (var each : protocols) {
            request.append("X-Stream-Protocol-Version: ").append(each).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(ISO_8859_1));
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return new SpdyClient(socket, head.toString());
    }

    /** The head of the HTTP answer. */
    public String answer() {
        return answer;
    }

    public Socket socket() {
        return socket;
    }

    /** Opens a stream; its id. */
    public int open(Map<String, String> headers) throws IOException {
        int id = nextId;
        nextId += 2;
        var frame = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
        headers.forEach((name, value) -> frame.headers().set(name, value));
        send(frame);
        return id;
    }

    public int open(String type) throws IOException {
        return open(Map.of("streamtype", type));
    }

    public void data(int id, byte[] bytes, boolean last) throws IOException {
        var frame = new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(bytes));
        frame.setLast(last);
        send(frame);
    }

    public void send(SpdyFrame frame) throws IOException {
        codec.writeOutbound(frame);
        for (ByteBuf out = codec.readOutbound(); out != null; out = codec.readOutbound()) {
            raw(ByteBufUtil.getBytes(out));
            out.release();
        }
    }

    public void raw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** The next frame that the server sends; data is kept by stream as well. */
    public SpdyFrame next() throws IOException {
        while (true) {
            SpdyFrame frame = codec.readInbound();
            if (frame == null) {
                var buffer = new byte[32 << 10];
                int length = socket.getInputStream().read(buffer);
                if (length < 0) {
                    throw new IOException("server: closed the connection");
                }
                codec.writeInbound(Unpooled.copiedBuffer(buffer, 0, length));
                continue;
            }
            if (frame instanceof SpdyDataFrame data) {
                received.computeIfAbsent(data.streamId(), _ -> new ByteArrayOutputStream())
                        .writeBytes(ByteBufUtil.getBytes(data.content()));
                if (data.isLast()) {
                    ended.add(data.streamId());
                }
            }
            return frame;
        }
    }

    /** Reads until the server has ended a stream, or said farewell; what came on it. */
    public String all(int id) throws IOException {
        boolean over = false;
        while (!over && !ended.contains(id)) {
            var frame = next();
            over = frame instanceof SpdyGoAwayFrame;
            ReferenceCountUtil.release(frame);
        }
        return soFar(id);
    }

    /** What has come on a stream until now. */
    public String soFar(int id) {
        return received.getOrDefault(id, new ByteArrayOutputStream()).toString(ISO_8859_1);
    }

    /** Reads until what came on a stream has a text in it. */
    public void await(int id, String text) throws IOException {
        while (!soFar(id).contains(text)) {
            ReferenceCountUtil.release(next());
        }
    }

    /** Reads until something has come on a stream, or it has ended. */
    public void some(int id) throws IOException {
        while (soFar(id).isEmpty() && !ended.contains(id)) {
            var frame = next();
            boolean over = frame instanceof SpdyGoAwayFrame;
            ReferenceCountUtil.release(frame);
            if (over) {
                return;
            }
        }
    }

    /** Opens the error stream and the others; their ids. */
    public List<Integer> openAll(String... types) throws IOException {
        var ids = new java.util.ArrayList<Integer>();
        for (var type : types) {
            ids.add(open(type));
        }
        return ids;
    }

    @Override
    public void close() throws IOException {
        codec.finishAndReleaseAll();
        socket.close();
    }
}
