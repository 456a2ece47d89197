package io.berth.e2e.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Who is behind a unix socket, by SO_PEERCRED: unix(7). */
final class SocketPeer {
    private SocketPeer() {}

    /** The process that listens on the socket. */
    static long pid(Path socket) throws IOException {
        var loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            var connected =
                    new Bootstrap()
                            .group(loop)
                            .channel(EpollDomainSocketChannel.class)
                            .handler(new ChannelInboundHandlerAdapter())
                            .connect(new DomainSocketAddress(socket.toFile()))
                            .awaitUninterruptibly();
            if (!connected.isSuccess()) {
                throw new IOException(socket + ": nobody listens", connected.cause());
            }
            var channel = (EpollDomainSocketChannel) connected.channel();
            long pid = channel.peerCredentials().pid();
            channel.close().awaitUninterruptibly();
            return pid;
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }
}
