package io.berth.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;

/** SPDY inside WebSocket: the binary messages' content, one after the other, is the byte stream. */
final class TunnelCodec extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
    private final Connection connection;

    TunnelCodec(Connection connection) {
        super(WebSocketFrame.class, ByteBuf.class);
        this.connection = connection;
    }

    @Override
    protected void decode(ChannelHandlerContext to, WebSocketFrame frame, List<Object> out) {
        switch (frame) {
            case BinaryWebSocketFrame message -> out.add(message.content().retain());
            case ContinuationWebSocketFrame more -> out.add(more.content().retain());
            case PingWebSocketFrame ping -> WebSockets.pong(connection, to, ping);
            case CloseWebSocketFrame close -> WebSockets.close(connection, to, close);
            default -> {
                // text and pongs carry no bytes of the tunnel
            }
        }
    }

    @Override
    protected void encode(ChannelHandlerContext to, ByteBuf bytes, List<Object> out) {
        out.add(new BinaryWebSocketFrame(bytes.retain()));
    }
}
