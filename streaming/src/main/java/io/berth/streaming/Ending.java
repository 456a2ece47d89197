package io.berth.streaming;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.lang.System.Logger;

/** Tells a connection of its socket's pace and end; the last handler of every protocol. */
final class Ending extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = System.getLogger(Ending.class.getName());

    private final Connection connection;

    Ending(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        connection.writabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        connection.ended("it closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.log(
                Logger.Level.DEBUG,
                "client {0}: {1}",
                context.channel().remoteAddress(),
                String.valueOf(cause));
        // Not from within the decoder that says so: it goes on, and would need what closing frees.
        connection.onLoop(() -> connection.abort(String.valueOf(cause.getMessage())));
    }
}
