package io.berth.streaming;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves exec, attach and port-forward. Each request gets a URL that is good for one client, for a
 * minute; there the client finds its session by SPDY/3.1 or WebSocket.
 */
public final class StreamServer implements Closeable {
    private static final Logger LOG = System.getLogger(StreamServer.class.getName());
    private static final int THREADS = 2;
    private static final int BACKLOG = 128;

    /** The most that is read from a socket at once. */
    private static final int READ_BYTES = 16 << 10;

    private static final int REQUEST_LINE_BYTES = 4096;
    static final int HEADER_BYTES = 16 << 10;
    private static final Duration LAST_WORK = Duration.ofSeconds(10);
    private static final WriteBufferWaterMark WAITING_OUTPUT =
            new WriteBufferWaterMark(32 << 10, 128 << 10);

    private final StreamSettings settings;
    private final StreamTarget target;
    private final Tokens tokens;
    private final @Nullable SslContext tls;
    private final Sessions sessions;
    private @Nullable EventLoopGroup loops;
    private @Nullable Channel listener;

    private StreamServer(
            StreamSettings settings, StreamTarget target, @Nullable SslContext tls, Clock clock) {
        this.settings = settings;
        this.target = target;
        this.tls = tls;
        this.sessions = new Sessions(settings.waitingBytes());
        this.tokens = new Tokens(clock);
    }

    /**
     * A server that does not listen yet.
     *
     * @throws IOException if the certificate or its key cannot be used
     */
    public static StreamServer open(StreamSettings settings, StreamTarget target, Clock clock)
            throws IOException {
        return new StreamServer(settings, target, tls(settings.tls()), clock);
    }

    private static @Nullable SslContext tls(Optional<StreamSettings.Tls> files) throws IOException {
        if (files.isEmpty()) {
            return null;
        }
        var pair = Certificate.read(files.get());
        return SslContextBuilder.forServer(pair.key(), pair.chain())
                .protocols("TLSv1.3", "TLSv1.2")
                .build();
    }

    /**
     * Listens.
     *
     * @throws IOException naming the address, if it makes no sense or is taken
     */
    public void start() throws IOException {
        var group =
                new MultiThreadIoEventLoopGroup(
                        THREADS,
                        new DefaultThreadFactory("streams", true),
                        EpollIoHandler.newFactory());
        loops = group;
        var bound =
                new ServerBootstrap()
                        .group(group)
                        .channel(EpollServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        // A machine that vanished is missed after a minute, not two hours.
                        .childOption(EpollChannelOption.TCP_KEEPIDLE, 30)
                        .childOption(EpollChannelOption.TCP_KEEPINTVL, 10)
                        .childOption(EpollChannelOption.TCP_KEEPCNT, 3)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING_OUTPUT)
                        .childOption(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new AdaptiveRecvByteBufAllocator(256, READ_BYTES, READ_BYTES))
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel client) {
                                        welcome(client);
                                    }
                                })
                        .bind(new InetSocketAddress(settings.address(), settings.port()))
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "streaming address %s:%d: %s; free it, or set another streaming.address or port"
                            .formatted(settings.address(), settings.port(), bound.cause()),
                    bound.cause());
        }
        listener = bound.channel();
        LOG.log(Logger.Level.INFO, "streams are served at {0}", base());
    }

    private void welcome(SocketChannel client) {
        var connection = new Connection(client, sessions);
        var peer = client.remoteAddress();
        sessions.admit(
                connection, peer == null ? "" : String.valueOf(peer.getAddress().getHostAddress()));
        var _ = client.closeFuture().addListener(_ -> sessions.remove(connection));
        var pipeline = client.pipeline();
        if (tls != null) {
            pipeline.addLast(tls.newHandler(client.alloc()));
        }
        pipeline.addLast(
                new HttpServerCodec(REQUEST_LINE_BYTES, HEADER_BYTES, HEADER_BYTES),
                new HttpEntry(settings, tokens, target, connection));
    }

    /**
     * The URL at which one client can come for what it asked for.
     *
     * @throws TooManyStreams if too many wait for their clients
     */
    public URI register(StreamRequest request) {
        var token = tokens.add(request);
        return URI.create(base() + "/" + request.path() + "/" + token);
    }

    private String base() {
        var bound = listener;
        if (bound == null || !(bound.localAddress() instanceof InetSocketAddress at)) {
            throw new IllegalStateException("stream server: not started");
        }
        var host = at.getAddress().getHostAddress();
        return "%s://%s:%d"
                .formatted(
                        tls == null ? "http" : "https",
                        host.contains(":") ? "[" + host + "]" : host,
                        at.getPort());
    }

    /** How many clients are connected that have shown a token. */
    public int connections() {
        return sessions.connected();
    }

    /** How many sockets are open whose clients have not shown a token yet. */
    int unknown() {
        return sessions.unknown();
    }

    /** How many threads serve them, or still clear up after one that has left. */
    public int working() {
        return sessions.working();
    }

    /** Ends every session, and waits a while for what they ran to be gone. */
    @Override
    public void close() {
        if (listener != null) {
            var _ = listener.close().awaitUninterruptibly();
        }
        sessions.close(LAST_WORK);
        if (loops != null) {
            var _ =
                    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS)
                            .awaitUninterruptibly(5, TimeUnit.SECONDS);
        }
    }
}
