package io.berth.daemon.cri.client;

import io.berth.daemon.cri.NettyLog;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** One gRPC connection over a unix socket, made when first used. */
final class Channel implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    static {
        NettyLog.quieten();
    }

    private final Path socket;
    private final MultiThreadIoEventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ExecutorService answers = Executors.newVirtualThreadPerTaskExecutor();
    private final ManagedChannel channel;

    Channel(Path socket) {
        this.socket = socket;
        this.channel =
                NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                        .channelType(EpollDomainSocketChannel.class)
                        .eventLoopGroup(loop)
                        .executor(answers)
                        .offloadExecutor(answers)
                        .overrideAuthority("localhost")
                        .usePlaintext()
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        .build();
    }

    ManagedChannel grpc() {
        return channel;
    }

    /** A failed call as its caller tells it. */
    NodeException failure(Exception thrown) {
        var status = Status.fromThrowable(thrown);
        channel.resetConnectBackoff(); // a daemon that starts again is found by the next call
        var said = status.getDescription();
        var message = said == null ? String.valueOf(thrown.getMessage()) : said;
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                    // Without a cause the daemon itself said so, such as for a full disk.
                    status.getCause() == null && said != null && !said.startsWith("io exception")
                            ? new NodeException.Failed("UNAVAILABLE", message, thrown)
                            : new NodeException.Unreachable(socket, thrown);
            case NOT_FOUND -> new NodeException.NotFound(message, thrown);
            case OK,
                    CANCELLED,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    DEADLINE_EXCEEDED,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    INTERNAL,
                    DATA_LOSS,
                    UNAUTHENTICATED ->
                    new NodeException.Failed(status.getCode().name(), message, thrown);
        };
    }

    @Override
    public void close() {
        channel.shutdownNow();
        answers.shutdownNow();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
