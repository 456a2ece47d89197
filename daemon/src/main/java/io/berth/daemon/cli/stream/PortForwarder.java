package io.berth.daemon.cli.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.daemon.cli.console.Console;
import io.berth.streaming.client.ClientStream;
import io.berth.streaming.client.StreamConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.IntFunction;
import javax.net.ssl.SSLContext;

/**
 * Listens on a local port and carries each connection to a port of a pod, over a session of its
 * own: one that is slow holds up no other.
 */
public final class PortForwarder implements AutoCloseable {
    private static final String PROTOCOL = "portforward.k8s.io";
    private static final int CONNECTIONS = 256;
    private static final int COPY_BYTES = 32 << 10;

    private final Console console;
    private final IntFunction<URI> sessions;
    private final SSLContext tls;
    private final int remote;
    private final ServerSocket server;
    private final Semaphore free = new Semaphore(CONNECTIONS);

    private PortForwarder(
            Console console,
            IntFunction<URI> sessions,
            SSLContext tls,
            int remote,
            ServerSocket server) {
        this.console = console;
        this.sessions = sessions;
        this.tls = tls;
        this.remote = remote;
        this.server = server;
    }

    /** From a local port to one of a pod; 0 leaves the local one to the kernel. */
    public record Ports(int local, int remote) {}

    /**
     * Listens, and serves from now on.
     *
     * @param sessions gives a URL for a session with a port of the pod
     * @throws IOException naming the address, if it is taken
     */
    public static PortForwarder start(
            Console console,
            InetAddress address,
            Ports ports,
            IntFunction<URI> sessions,
            SSLContext tls)
            throws IOException {
        var server = new ServerSocket();
        var at = new InetSocketAddress(address, ports.local());
        try {
            server.bind(at);
        } catch (IOException taken) {
            server.close();
            throw new IOException(at + ": " + taken.getMessage() + "; choose another port", taken);
        }
        var forwarder = new PortForwarder(console, sessions, tls, ports.remote(), server);
        Thread.ofVirtual().name("port-" + ports.remote()).start(forwarder::accept);
        return forwarder;
    }

    /** Where it listens, and where that leads. */
    public String words() {
        return "%s:%d -> %d"
                .formatted(server.getInetAddress().getHostAddress(), server.getLocalPort(), remote);
    }

    private void accept() {
        try {
            while (true) {
                free.acquire();
                var local = server.accept();
                Thread.ofVirtual().name("connection").start(() -> carry(local));
            }
        } catch (IOException closed) {
            if (!server.isClosed()) {
                console.note("berth: port %d: %s".formatted(remote, closed.getMessage()));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void carry(Socket local) {
        try (local;
                var session = StreamConnection.open(sessions.apply(remote), PROTOCOL, tls)) {
            var error = session.open(headers("error"));
            var data = session.open(headers("data"));
            error.end();
            var up = Thread.ofVirtual().name("up").start(() -> upload(local, data, session));
            download(data, local);
            tell(error);
            local.shutdownInput();
            up.join();
        } catch (IOException | RuntimeException broken) {
            console.note("berth: port %d: %s".formatted(remote, broken.getMessage()));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            free.release();
        }
    }

    private Map<String, String> headers(String type) {
        return Map.of("streamtype", type, "port", Integer.toString(remote), "requestid", "0");
    }

    private void upload(Socket local, ClientStream data, StreamConnection session) {
        try {
            var buffer = new byte[COPY_BYTES];
            var in = local.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                data.write(buffer, n);
            }
            data.end();
        } catch (IOException over) {
            end(session); // one end is gone: so is the connection
        }
    }

    private void end(StreamConnection session) {
        try {
            session.close();
        } catch (IOException stays) {
            console.note("berth: port %d: %s".formatted(remote, stays.getMessage()));
        }
    }

    private static void download(ClientStream data, Socket local) throws IOException {
        var out = local.getOutputStream();
        for (var bytes = data.read(); bytes.length > 0; bytes = data.read()) {
            out.write(bytes);
        }
        local.shutdownOutput();
    }

    private void tell(ClientStream error) throws IOException {
        for (var bytes = error.read(); bytes.length > 0; bytes = error.read()) {
            console.note("berth: " + new String(bytes, UTF_8));
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
