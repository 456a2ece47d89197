package io.berth.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Channels of a WebSocket connection: each message begins with the number of its channel. Of the
 * protocol version 5, a message of 255 and a number ends that channel's input. In the base64 form
 * the number is a digit and the rest is base64 text. Lives on the event loop.
 */
final class WebSocketChannels extends SimpleChannelInboundHandler<WebSocketFrame> {
    private static final int CLOSE_SIGNAL = 255;
    private static final int MESSAGE_BYTES = 16 << 10;

    private final Connection connection;
    private final boolean base64;
    private final boolean closeSignal;
    private final List<Numbered> channels = new ArrayList<>();
    private int current = -1;

    /**
     * @param count how many channels there are
     * @param closeSignal whether clients end a channel by 255 and its number
     */
    WebSocketChannels(Connection connection, int count, boolean base64, boolean closeSignal) {
        this.connection = connection;
        this.base64 = base64;
        this.closeSignal = closeSignal;
        for (int i = 0; i < count; i++) {
            channels.add(new Numbered(i));
        }
    }

    /** The channel of a number. */
    ClientChannel channel(int number) {
        return channels.get(number);
    }

    /** Says by an empty message that the connection stands; on the event loop. */
    void greet(int number) {
        connection.tell(channels.get(number).frame(new byte[0], 0, 0));
    }

    /** The frame that says that all is over. */
    static Object farewell() {
        return new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE);
    }

    private final class Numbered extends ClientChannel {
        private final int number;

        Numbered(int number) {
            this.number = number;
        }

        /** An empty message is one too: it says that the connection stands. */
        @Override
        void write(byte[] bytes, int length) throws IOException {
            int from = 0;
            do {
                int part = Math.min(MESSAGE_BYTES, length - from);
                connection.send(frame(bytes, from, part));
                from += part;
            } while (from < length);
        }

        private WebSocketFrame frame(byte[] bytes, int from, int length) {
            if (!base64) {
                var message = Unpooled.buffer(1 + length);
                return new BinaryWebSocketFrame(
                        message.writeByte(number).writeBytes(bytes, from, length));
            }
            var part = java.util.Arrays.copyOfRange(bytes, from, from + length);
            return new TextWebSocketFrame(number + Base64.getEncoder().encodeToString(part));
        }

        /** The protocol has no word for it; the connection's end is the end of all channels. */
        @Override
        void end() {}

        @Override
        void release() {
            setInput(Input.NONE);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext to, WebSocketFrame frame) {
        switch (frame) {
            case PingWebSocketFrame ping -> WebSockets.pong(connection, to, ping);
            case CloseWebSocketFrame close -> WebSockets.close(connection, to, close);
            case BinaryWebSocketFrame message ->
                    begin(message.content(), message.isFinalFragment());
            case TextWebSocketFrame message -> begin(message.content(), message.isFinalFragment());
            case ContinuationWebSocketFrame more -> deliver(more.content());
            default -> {
                // a pong, which nobody asked for
            }
        }
    }

    private void begin(ByteBuf message, boolean whole) {
        current = -1;
        if (!message.isReadable()) {
            return;
        }
        int number = message.readUnsignedByte();
        if (closeSignal && number == CLOSE_SIGNAL) {
            if (message.readableBytes() != 1) {
                connection.abort("its close signal names no channel");
                return;
            }
            end(message.readUnsignedByte());
            return;
        }
        current = base64 ? number - '0' : number;
        if (base64 && !whole) {
            connection.abort("it sent a base64 message in parts");
            return;
        }
        deliver(message);
    }

    private void end(int number) {
        if (number >= channels.size()) {
            connection.abort("its close signal names channel " + number);
            return;
        }
        channels.get(number).input().end();
    }

    private void deliver(ByteBuf content) {
        if (current < 0 || current >= channels.size() || !content.isReadable()) {
            return;
        }
        var bytes = ByteBufUtil.getBytes(content);
        if (base64) {
            try {
                bytes = Base64.getDecoder().decode(bytes);
            } catch (IllegalArgumentException malformed) {
                connection.abort("it sent what is no base64");
                return;
            }
        }
        channels.get(current).input().data(bytes);
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) throws Exception {
        channels.forEach(channel -> channel.input().fail(connection.lost()));
        super.channelInactive(from);
    }
}
