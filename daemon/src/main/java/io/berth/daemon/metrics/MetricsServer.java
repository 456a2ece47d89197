package io.berth.daemon.metrics;

import io.berth.linux.foreign.MemoryBudget;
import io.berth.streaming.Strangers;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /metrics} over HTTP. Anybody on the node may connect, so a connection is short: one
 * request with a small head, one answer, and a few seconds for both. There are few connections at
 * once; a further one takes the place of the oldest, so that a request that comes whole always gets
 * its answer. One thread serves all of them.
 */
public final class MetricsServer implements Closeable {
    private static final Logger LOG = System.getLogger(MetricsServer.class.getName());
    private static final int BACKLOG = 128;
    private static final int REQUEST_LINE_BYTES = 2048;
    private static final int READ_BYTES = 4096;

    /** How many connections there may be at once. */
    static final int CONNECTIONS = 64;

    /** The most that the headers of a request may have. */
    static final int HEADER_BYTES = 8 << 10;

    /** How long a connection may last, from its first byte to the last of its answer. */
    static final Duration LIFE = Duration.ofSeconds(10);

    private final EventLoopGroup loop;
    private final Channel listener;

    private MetricsServer(EventLoopGroup loop, Channel listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /**
     * Binds an address and serves.
     *
     * @param address HOST:PORT
     * @param memory has room for the answers that callers have not read yet
     * @throws IOException naming the address, if it makes no sense or is taken
     */
    public static MetricsServer start(String address, Metrics metrics, MemoryBudget memory)
            throws IOException {
        int colon = address.lastIndexOf(':');
        InetSocketAddress wanted;
        try {
            int port = Integer.parseInt(address.substring(colon + 1));
            wanted = new InetSocketAddress(colon < 0 ? "" : address.substring(0, colon), port);
        } catch (NumberFormatException e) {
            throw new IOException(
                    "metrics address: found '%s', wanted HOST:PORT".formatted(address), e);
        } catch (IllegalArgumentException e) {
            throw unusable(address, String.valueOf(e.getMessage()), e);
        }
        if (wanted.isUnresolved()) {
            throw unusable(address, "the host name cannot be resolved", null);
        }
        var loop =
                new MultiThreadIoEventLoopGroup(
                        1, new DefaultThreadFactory("metrics", true), EpollIoHandler.newFactory());
        var bound =
                bootstrap(loop, new Answers(metrics, memory)).bind(wanted).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            var _ = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            throw unusable(address, String.valueOf(bound.cause().getMessage()), bound.cause());
        }
        var server = new MetricsServer(loop, bound.channel());
        LOG.log(Logger.Level.INFO, "metrics are served at http:/{0}/metrics", server.address());
        return server;
    }

    private static IOException unusable(String address, String why, @Nullable Throwable cause) {
        return new IOException(
                "metrics address %s: %s; free it, or set another metrics.address"
                        .formatted(address, why),
                cause);
    }

    private static ServerBootstrap bootstrap(EventLoopGroup loop, Answers answers) {
        var callers = new Strangers<SocketChannel>(CONNECTIONS); // of the one thread
        return new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
                .childHandler(
                        new ChannelInitializer<SocketChannel>() {
                            @Override
                            protected void initChannel(SocketChannel caller) {
                                welcome(caller, callers, answers);
                            }
                        });
    }

    private static void welcome(
            SocketChannel caller, Strangers<SocketChannel> callers, Answers answers) {
        var peer = caller.remoteAddress();
        var from = peer == null ? "" : String.valueOf(peer.getAddress().getHostAddress());
        callers.add(caller, from)
                .ifPresent(
                        oldest -> {
                            var _ = oldest.close();
                        });
        var end =
                caller.eventLoop()
                        .schedule(
                                () -> {
                                    var _ = caller.close();
                                },
                                LIFE.toMillis(),
                                TimeUnit.MILLISECONDS);
        var _ =
                caller.closeFuture()
                        .addListener(
                                _ -> {
                                    callers.remove(caller);
                                    end.cancel(false);
                                });
        caller.pipeline()
                .addLast(
                        new HttpServerCodec(REQUEST_LINE_BYTES, HEADER_BYTES, READ_BYTES),
                        new MetricsCall(answers));
    }

    /** Where it is served; useful when the port was chosen by the kernel. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    @Override
    public void close() {
        var _ = listener.close().awaitUninterruptibly();
        var _ =
                loop.shutdownGracefully(0, 1, TimeUnit.SECONDS)
                        .awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
