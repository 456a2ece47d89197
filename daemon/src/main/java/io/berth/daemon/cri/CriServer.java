package io.berth.daemon.cri;

import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.socket.SocketFile;
import io.berth.linux.socket.SocketHeld;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * gRPC on a unix socket: the CRI's services and health, each call on a virtual thread of its own. A
 * socket on which nobody listens is replaced.
 */
public final class CriServer implements Closeable {
    private static final Logger LOG = System.getLogger(CriServer.class.getName());

    /**
     * Of a request. A pod's or container's configuration longer than this has no room in its
     * record, and each is in memory several times over while it is read.
     */
    private static final int MAX_REQUEST_BYTES = 4 << 20;

    /** The most calls of one connection at once; further calls wait on the connection. */
    private static final int MAX_CALLS = 1000;

    private static final long DRAIN_SECONDS = 5;

    static {
        NettyLog.quieten();
    }

    private final Path socket;
    private final List<BindableService> services;
    private final ServerInterceptor interceptor;
    private final MemoryBudget budget;
    private final HealthStatusManager health = new HealthStatusManager();
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    private final MultiThreadIoEventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private volatile @Nullable Server server;
    private volatile @Nullable SocketFile file;

    /**
     * @param interceptor sees every call
     * @param budget has the memory of requests and answers
     */
    public CriServer(
            Path socket,
            List<BindableService> services,
            ServerInterceptor interceptor,
            MemoryBudget budget) {
        this.socket = socket;
        this.budget = budget;
        this.services = List.copyOf(services);
        this.interceptor = interceptor;
    }

    /**
     * Binds the socket and serves.
     *
     * @throws SocketHeld if another process listens there, or the file there is no socket
     */
    public void start() throws IOException {
        var folder = socket.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        file = SocketFile.bind(socket, "rw-rw----", at -> server = listen(at));
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
        LOG.log(Logger.Level.INFO, "serving the CRI on {0}", socket);
    }

    private Server listen(Path at) throws IOException {
        var builder =
                NettyServerBuilder.forAddress(new DomainSocketAddress(at.toFile()))
                        .channelType(EpollServerDomainSocketChannel.class)
                        .bossEventLoopGroup(loop)
                        .workerEventLoopGroup(loop)
                        .executor(calls)
                        .intercept(interceptor)
                        .maxInboundMessageSize(MAX_REQUEST_BYTES)
                        .maxConcurrentCallsPerConnection(MAX_CALLS)
                        .addService(health.getHealthService());
        var unfinished = new UnfinishedCalls(budget);
        var memory = new CallMemory(budget, unfinished);
        builder.addStreamTracerFactory(unfinished);
        for (var service : services) {
            var asBytes = ServerInterceptors.useInputStreamMessages(service.bindService());
            builder.addService(ServerInterceptors.intercept(asBytes, memory));
        }
        return builder.build().start();
    }

    /**
     * Takes no new calls, lets those under way answer for a while, and removes the socket if this
     * server has bound it.
     */
    @Override
    public void close() throws IOException {
        var running = server;
        if (running != null) {
            health.enterTerminalState();
            running.shutdown();
            try {
                if (!running.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
                    running.shutdownNow();
                }
            } catch (InterruptedException e) {
                running.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }
        calls.shutdownNow();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        var bound = file;
        if (bound != null) {
            bound.close();
        }
    }
}
