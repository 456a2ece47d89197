package io.berth.streaming;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;

/** What every WebSocket connection answers by itself. */
final class WebSockets {
    private WebSockets() {}

    /** A copy goes back, as the ping's own bytes hold all that was read with them. */
    static void pong(Connection connection, ChannelHandlerContext to, PingWebSocketFrame ping) {
        var content = ByteBufUtil.getBytes(ping.content());
        connection.answer(to, () -> new PongWebSocketFrame(Unpooled.wrappedBuffer(content)));
    }

    static void close(Connection connection, ChannelHandlerContext to, CloseWebSocketFrame close) {
        connection.finish(
                to, new CloseWebSocketFrame(true, 0, Unpooled.copiedBuffer(close.content())));
    }
}
