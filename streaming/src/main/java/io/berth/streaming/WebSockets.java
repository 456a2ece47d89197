package io.berth.streaming;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;

/** What every WebSocket connection answers by itself. */
final class WebSockets {
    private WebSockets() {}

    static void pong(ChannelHandlerContext to, PingWebSocketFrame ping) {
        var _ = to.writeAndFlush(new PongWebSocketFrame(ping.content().retain()), to.voidPromise());
    }

    static void close(ChannelHandlerContext to, CloseWebSocketFrame close) {
        var _ = to.writeAndFlush(close.retain()).addListener(ChannelFutureListener.CLOSE);
    }
}
