package io.berth.e2e.stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Arrays;

/** A client of the stream server that can leave in the middle of anything. */
public final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 240_000;
    private static final int BINARY = 0x82;

    private final Socket socket;

    private RawClient(Socket socket) {
        this.socket = socket;
    }

    /** A connection on which nothing has been said. */
    public static RawClient connect(URI url) throws IOException {
        var socket = new Socket();
        socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return new RawClient(socket);
    }

    /** The request for a WebSocket, without the line that ends it. */
    public static String webSocketRequest(URI url, String protocol) {
        return "GET "
                + url.getPath()
                + " HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Protocol: "
                + protocol
                + "\r\n";
    }

    /** Asks for a WebSocket and reads the answer's head. */
    public void upgrade(URI url, String protocol) throws IOException {
        send((webSocketRequest(url, protocol) + "\r\n").getBytes(ISO_8859_1));
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("server: closed instead of an answer: " + head);
            }
            head.append((char) next);
        }
        if (!head.toString().startsWith("HTTP/1.1 101")) {
            throw new IOException("server: answered " + head);
        }
    }

    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** A whole message on a channel. */
    public static byte[] message(int channel, byte[] payload) {
        var frame = new ByteArrayOutputStream();
        int length = payload.length + 1;
        frame.write(BINARY);
        if (length < 126) {
            frame.write(0x80 | length);
        } else {
            frame.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) length >> shift));
            }
        }
        frame.writeBytes(new byte[4]); // a mask that changes nothing
        frame.write(channel);
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** The first part of bytes. */
    public void sendPart(byte[] bytes, int length) throws IOException {
        send(Arrays.copyOf(bytes, length));
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
