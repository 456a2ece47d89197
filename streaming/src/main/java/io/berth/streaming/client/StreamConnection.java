package io.berth.streaming.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A connection to one of the stream server's URLs. Its streams are read by a virtual thread of its
 * own; its end, whoever brings it about, ends all of them.
 */
public final class StreamConnection implements Closeable {
    private static final int CONNECT_MILLIS = 30_000;
    private static final int HEAD_BYTES = 16 << 10;
    private static final int BUFFER_BYTES = 32 << 10;
    private static final int FRAME_BYTES = 16 << 10;

    private final Socket socket;
    private final EmbeddedChannel encoder = codec();
    private final Map<Integer, ClientStream> streams = new ConcurrentHashMap<>();
    private int nextId = 1;

    private StreamConnection(Socket socket) {
        this.socket = socket;
    }

    private static EmbeddedChannel codec() {
        return new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    }

    /**
     * Connects and agrees on a protocol.
     *
     * @param tls whom to trust if the URL is of https
     * @throws IOException with the server's words if it refuses
     */
    public static StreamConnection open(URI url, String protocol, SSLContext tls)
            throws IOException {
        var socket = connected(url, tls);
        try {
            var request =
                    "POST %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: %s\r\n\r\n"
                            .formatted(url.getRawPath(), url.getRawAuthority(), protocol);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            var head = head(socket.getInputStream());
            if (!head.startsWith("HTTP/1.1 101 ")) {
                throw new IOException(
                        "%s://%s: answered \"%s\" instead of a stream"
                                .formatted(
                                        url.getScheme(),
                                        url.getRawAuthority(),
                                        head.lines().findFirst().orElse("")));
            }
        } catch (IOException | RuntimeException refused) {
            socket.close();
            throw refused;
        }
        socket.setSoTimeout(0);
        var connection = new StreamConnection(socket);
        Thread.ofVirtual().name("streams").start(connection::readAll);
        return connection;
    }

    private static Socket connected(URI url, SSLContext tls) throws IOException {
        var plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(url.getHost(), url.getPort()), CONNECT_MILLIS);
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(CONNECT_MILLIS);
            if (!url.getScheme().equals("https")) {
                return plain;
            }
            var secure =
                    (SSLSocket)
                            tls.getSocketFactory()
                                    .createSocket(plain, url.getHost(), url.getPort(), true);
            var parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
            secure.startHandshake();
            return secure;
        } catch (IOException | RuntimeException failed) {
            plain.close();
            throw new IOException(
                    "%s://%s: %s"
                            .formatted(url.getScheme(), url.getRawAuthority(), failed.getMessage()),
                    failed);
        }
    }

    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0 || head.length() == HEAD_BYTES) {
                break;
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Opens a stream. */
    public synchronized ClientStream open(Map<String, String> headers) throws IOException {
        int id = nextId;
        nextId += 2;
        var stream = new ClientStream(this, id);
        streams.put(id, stream);
        var frame = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
        headers.forEach((name, value) -> frame.headers().set(name, value));
        send(frame);
        return stream;
    }

    synchronized void data(int id, byte[] bytes, int length, boolean last) throws IOException {
        int from = 0;
        do {
            int part = Math.min(FRAME_BYTES, length - from);
            var frame = new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(bytes, from, part));
            from += part;
            frame.setLast(last && from >= length);
            send(frame);
        } while (from < length);
    }

    private void send(Object frame) throws IOException {
        encoder.writeOutbound(frame);
        for (ByteBuf out = encoder.readOutbound(); out != null; out = encoder.readOutbound()) {
            var bytes = ByteBufUtil.getBytes(out);
            out.release();
            socket.getOutputStream().write(bytes);
        }
    }

    private void readAll() {
        var decoder = codec();
        var failure = new IOException("server: closed the connection");
        try {
            var buffer = new byte[BUFFER_BYTES];
            var in = socket.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                decoder.writeInbound(Unpooled.copiedBuffer(buffer, 0, n));
                for (Object f = decoder.readInbound(); f != null; f = decoder.readInbound()) {
                    if (!take(f)) {
                        return;
                    }
                }
            }
        } catch (IOException | RuntimeException broken) {
            failure = new IOException("server: " + broken.getMessage(), broken);
        } finally {
            var why = failure;
            streams.values().forEach(stream -> stream.over(why));
            decoder.finishAndReleaseAll();
        }
    }

    /** False when the server has said that all is over. */
    private boolean take(Object frame) throws IOException {
        try {
            switch (frame) {
                case SpdyDataFrame data -> {
                    var stream = streams.get(data.streamId());
                    if (stream != null) {
                        stream.took(ByteBufUtil.getBytes(data.content()));
                        if (data.isLast()) {
                            stream.over(null);
                        }
                    }
                }
                case SpdyRstStreamFrame reset -> {
                    var stream = streams.get(reset.streamId());
                    if (stream != null) {
                        stream.over(new IOException("server: refused the stream"));
                    }
                }
                case SpdyGoAwayFrame _ -> {
                    streams.values().forEach(stream -> stream.over(null));
                    return false;
                }
                default -> {
                    // replies and pings change nothing
                }
            }
            return true;
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    /** Closes; what the server runs for this client is ended. */
    @Override
    public void close() throws IOException {
        socket.close();
        synchronized (this) {
            encoder.finishAndReleaseAll();
        }
    }
}
