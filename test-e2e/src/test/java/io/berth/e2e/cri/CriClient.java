package io.berth.e2e.cri;

import io.berth.cri.v1.ImageServiceGrpc;
import io.berth.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.berth.cri.v1.VersionRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** One connection to a CRI socket. Every stub has a deadline of two minutes from when it is got. */
public final class CriClient implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 16 << 20;
    private static final long DEADLINE_SECONDS = 120;

    /** gRPC asks every channel for an option that unix sockets do not have, and Netty warns. */
    private static final Logger QUIET = Logger.getLogger("io.netty.bootstrap");

    static {
        QUIET.setLevel(Level.SEVERE);
    }

    private final MultiThreadIoEventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ManagedChannel channel;

    private CriClient(Path socket) {
        this.channel =
                NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                        .channelType(EpollDomainSocketChannel.class)
                        .eventLoopGroup(loop)
                        .overrideAuthority("localhost")
                        .usePlaintext()
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        .build();
    }

    /** A client of the socket; it connects with its first call. */
    public static CriClient of(Path socket) {
        return new CriClient(socket);
    }

    public RuntimeServiceBlockingStub runtime() {
        return RuntimeServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    public ImageServiceBlockingStub images() {
        return ImageServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** The connection itself, for other services of the socket. */
    public ManagedChannel channel() {
        return channel;
    }

    /** Fails unless the node answers within {@code seconds}. */
    public void version(long seconds) {
        var stub =
                RuntimeServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(seconds, TimeUnit.SECONDS);
        stub.version(VersionRequest.getDefaultInstance());
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
