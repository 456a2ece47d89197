package io.berth.daemon.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/** Serves {@code /metrics} over HTTP, to few callers at a time. */
public final class MetricsServer implements Closeable {
    private static final Logger LOG = System.getLogger(MetricsServer.class.getName());
    private static final int BACKLOG = 16;
    private static final int CALLERS = 8;

    private final HttpServer server;

    private MetricsServer(HttpServer server) {
        this.server = server;
    }

    /**
     * Binds an address and serves.
     *
     * @param address HOST:PORT
     * @throws IOException naming the address, if it makes no sense or is taken
     */
    public static MetricsServer start(String address, Metrics metrics) throws IOException {
        int colon = address.lastIndexOf(':');
        int port;
        try {
            port = Integer.parseInt(address.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new IOException(
                    "metrics address: found '%s', wanted HOST:PORT".formatted(address), e);
        }
        HttpServer server;
        try {
            var host = colon < 0 ? "" : address.substring(0, colon);
            server = HttpServer.create(new InetSocketAddress(host, port), BACKLOG);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException(
                    "metrics address %s: %s; free it, or set another metrics.address"
                            .formatted(address, e.getMessage()),
                    e);
        }
        var callers = new Semaphore(CALLERS);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/metrics", exchange -> answer(exchange, metrics, callers));
        server.start();
        LOG.log(Logger.Level.INFO, "metrics are served at http:/{0}/metrics", server.getAddress());
        return new MetricsServer(server);
    }

    private static void answer(HttpExchange exchange, Metrics metrics, Semaphore callers)
            throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals("/metrics")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            if (!callers.tryAcquire()) {
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            try {
                var text = metrics.scrape().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders()
                        .set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                exchange.sendResponseHeaders(200, text.length);
                exchange.getResponseBody().write(text);
            } finally {
                callers.release();
            }
        }
    }

    /** Where it is served; useful when the port was chosen by the kernel. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
