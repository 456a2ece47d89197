package io.berth.e2e.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A registry on a free port of loopback that serves one image under any name, and what is wrong
 * with it depends on the repository: {@code good}, {@code wrong-manifest}, {@code corrupt-layer},
 * {@code cut-layer}, {@code missing-layer}, {@code no-json}, {@code broken}, or {@code private}.
 */
public final class FaultyRegistry implements AutoCloseable {
    private static final String LOGIN =
            "Basic " + Base64.getEncoder().encodeToString("ann:secret".getBytes(UTF_8));

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final TestImage image;

    private FaultyRegistry(HttpServer server, TestImage image) {
        this.server = server;
        this.image = image;
    }

    public static FaultyRegistry start(TestImage image) throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var registry = new FaultyRegistry(HttpServer.create(address, 0), image);
        registry.server.createContext("/v2/", registry::answer);
        registry.server.setExecutor(registry.threads);
        registry.server.start();
        return registry;
    }

    /** The reference of a repository and tag, or digest, here. */
    public String reference(String name) {
        return "127.0.0.1:" + server.getAddress().getPort() + "/" + name;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            if (path.equals("/v2/")) {
                send(exchange, 200, "application/json", "{}".getBytes(UTF_8));
            } else if (path.startsWith("/v2/private/") && !authorised(exchange)) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"e2e\"");
                send(exchange, 401, "application/json", "{}".getBytes(UTF_8));
            } else if (path.startsWith("/v2/broken/")) {
                send(exchange, 503, "text/plain", "out of order".getBytes(UTF_8));
            } else if (path.contains("/manifests/")) {
                manifest(exchange, path);
            } else {
                blob(exchange, path);
            }
        }
    }

    private static boolean authorised(HttpExchange exchange) {
        return LOGIN.equals(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private void manifest(HttpExchange exchange, String path) throws IOException {
        var bytes = image.manifest().bytes();
        if (path.startsWith("/v2/wrong-manifest/")) {
            bytes = (new String(bytes, UTF_8) + " ").getBytes(UTF_8);
        } else if (path.startsWith("/v2/no-json/")) {
            bytes = "<html>log in</html>".getBytes(UTF_8);
        }
        send(exchange, 200, image.manifest().mediaType(), bytes);
    }

    private void blob(HttpExchange exchange, String path) throws IOException {
        for (Blob blob : List.of(image.config(), image.layer())) {
            if (path.endsWith(blob.digest())) {
                var fault = blob.equals(image.layer()) ? path : "";
                layer(exchange, fault, blob.bytes());
                return;
            }
        }
        send(exchange, 404, "application/json", "{}".getBytes(UTF_8));
    }

    private static void layer(HttpExchange exchange, String path, byte[] bytes) throws IOException {
        if (path.startsWith("/v2/corrupt-layer/")) {
            var corrupt = bytes.clone();
            corrupt[corrupt.length / 2] ^= 0x55;
            send(exchange, 200, "application/octet-stream", corrupt);
        } else if (path.startsWith("/v2/missing-layer/")) {
            send(exchange, 404, "application/json", "{}".getBytes(UTF_8));
        } else if (path.startsWith("/v2/cut-layer/")) {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes, 0, bytes.length / 2);
        } else {
            send(exchange, 200, "application/octet-stream", bytes);
        }
    }

    private static void send(HttpExchange exchange, int code, String type, byte[] bytes)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
        }
        exchange.sendResponseHeaders(code, head ? -1 : bytes.length);
        if (!head) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
