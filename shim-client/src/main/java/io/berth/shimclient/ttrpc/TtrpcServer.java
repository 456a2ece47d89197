package io.berth.shimclient.ttrpc;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.berth.linux.socket.SocketFile;
import io.berth.linux.socket.SocketHeld;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A TTRPC server on a unix socket that only its owner may use. Up to {@link #MAX_CONNECTIONS} at a
 * time; a client that breaks the protocol loses its own connection.
 */
public final class TtrpcServer implements Closeable {
    private static final System.Logger LOG = System.getLogger(TtrpcServer.class.getName());
    private static final int MAX_CONNECTIONS = 4096;
    private static final int BACKLOG = 1024;

    private final Path socket;
    private final ServerSocketChannel listener;
    private final SocketFile file;
    private final TtrpcMethods methods;
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();

    private final ExecutorService handlers =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("ttrpc-handle-", 0).factory());

    private TtrpcServer(Path socket, ServerSocketChannel listener, SocketFile file) {
        this.socket = socket;
        this.file = file;
        this.listener = listener;
        this.methods = new TtrpcMethods(socket.toString());
    }

    /**
     * Listens at once, which clients may count on; calls are answered after {@link #start}. A
     * socket file that a dead process left is replaced.
     *
     * @throws SocketHeld if a process listens there, or the file there is no socket
     */
    public static TtrpcServer bind(Path socket) throws IOException {
        var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            var file =
                    SocketFile.bind(
                            socket,
                            "rw-------",
                            at -> listener.bind(UnixDomainSocketAddress.of(at), BACKLOG));
            return new TtrpcServer(socket, listener, file);
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        }
    }

    /** Registers a method; before {@link #start}. */
    public <Q extends MessageLite> TtrpcServer handle(
            String service, String method, Parser<Q> request, TtrpcHandler<Q> handler) {
        methods.handle(service, method, request, handler);
        return this;
    }

    /** Begins to answer. */
    public void start() {
        Thread.ofVirtual().name("ttrpc-accept").start(this::acceptConnections);
    }

    /**
     * Cuts all connections and removes the socket; handlers in progress are interrupted, and none
     * of what they then return is sent.
     */
    @Override
    public void close() throws IOException {
        listener.close();
        connections.forEach(ServerConnection::close); // first: else an interrupted call is answered
        handlers.shutdownNow();
        file.close();
    }

    private void acceptConnections() {
        while (listener.isOpen()) {
            try {
                accept(listener.accept());
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, socket + ": accept: " + e.getMessage());
            }
        }
    }

    private void accept(SocketChannel channel) throws IOException {
        if (connections.size() >= MAX_CONNECTIONS) {
            channel.close();
            throw new IOException("%d connections, no more taken".formatted(MAX_CONNECTIONS));
        }
        var connection =
                new ServerConnection(
                        channel,
                        handlers,
                        methods::answer,
                        connections::remove,
                        ServerConnection.MAX_CALLS,
                        methods.memory());
        connections.add(connection);
        connection.start();
        if (!listener.isOpen()) {
            connection.close();
        }
    }
}
