package io.berth.e2e.cases;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A registry on a free port of loopback whose answers are hostile, and a host beside it that must
 * see no secret. What a repository does is its name, see {@link #MODES}.
 */
final class ForgedRegistry implements AutoCloseable {
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
    private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final String MANY_OBJECTS = "{},".repeat(1_390_000) + "{}";

    /** The word that the neighbour says and nobody else may repeat. */
    static final String NEIGHBOURS_WORD = "abc123";

    /** Repositories, each named after its fault. A pull of any of them has to fail. */
    static final List<String> MODES =
            List.of(
                    "jsonbomb",
                    "jsonbomb2",
                    "deep",
                    "cfgdeep",
                    "wide",
                    "names",
                    "number",
                    "huge",
                    "selfidx",
                    "neighbour",
                    "link",
                    "redirect",
                    "loop",
                    "file",
                    "endless",
                    "headers");

    private final HttpServer registry;
    private final HttpServer neighbour;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final List<String> secretsSeen = new CopyOnWriteArrayList<>();

    private ForgedRegistry(HttpServer registry, HttpServer neighbour) {
        this.registry = registry;
        this.neighbour = neighbour;
    }

    static ForgedRegistry start() throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        var made =
                new ForgedRegistry(
                        HttpServer.create(new InetSocketAddress(loopback, 0), 0),
                        HttpServer.create(new InetSocketAddress(loopback, 0), 0));
        made.registry.createContext("/v2/", made::answer);
        made.neighbour.createContext("/", made::answerBeside);
        for (var each : List.of(made.registry, made.neighbour)) {
            each.setExecutor(made.threads);
            each.start();
        }
        return made;
    }

    /** The reference of the image of a repository. */
    String reference(String mode) {
        return "127.0.0.1:%d/lab/%s:1".formatted(registry.getAddress().getPort(), mode);
    }

    /** The Authorization headers that reached the neighbour. */
    List<String> secretsSeen() {
        return List.copyOf(secretsSeen);
    }

    private void answerBeside(HttpExchange exchange) throws IOException {
        try (exchange) {
            var secret = exchange.getRequestHeaders().getFirst("Authorization");
            if (secret != null) {
                secretsSeen.add(secret);
            }
            var error =
                    "{\"errors\":[{\"code\":\"SECRET\",\"message\":\"token=%s\"}]}"
                            .formatted(NEIGHBOURS_WORD);
            send(exchange, 404, "application/json", error.getBytes(UTF_8));
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var parts = exchange.getRequestURI().getPath().split("/", -1);
            if (parts.length < 6) {
                send(exchange, 200, "application/json", "{}".getBytes(UTF_8));
            } else if (parts[4].equals("blobs")) {
                var blob = blobs.getOrDefault(parts[5], new byte[0]);
                send(exchange, blob.length == 0 ? 404 : 200, "application/octet-stream", blob);
            } else {
                manifest(exchange, parts[3]);
            }
        }
    }

    private void manifest(HttpExchange exchange, String mode) throws IOException {
        var beside = "http://127.0.0.1:" + neighbour.getAddress().getPort();
        switch (mode) {
            case "neighbour" -> challenge(exchange, beside + "/latest/meta-data");
            case "link" -> challenge(exchange, "http://169.254.1.1/latest");
            case "redirect" -> redirect(exchange, beside + "/manifest");
            case "loop" -> redirect(exchange, exchange.getRequestURI().getPath());
            case "file" -> redirect(exchange, "file:///etc/passwd");
            case "endless" -> endless(exchange);
            case "headers" -> {
                for (int i = 0; i < 20_000; i++) {
                    exchange.getResponseHeaders().add("X-" + i, "a".repeat(1000));
                }
                send(exchange, 200, MANIFEST_TYPE, "{}".getBytes(UTF_8));
            }
            case "selfidx" -> send(exchange, 200, INDEX_TYPE, document(mode).getBytes(UTF_8));
            default -> send(exchange, 200, MANIFEST_TYPE, document(mode).getBytes(UTF_8));
        }
    }

    private String document(String mode) {
        return switch (mode) {
            case "jsonbomb" -> "{\"schemaVersion\":2,\"x\":[" + MANY_OBJECTS + "]}";
            case "jsonbomb2" -> manifestOf("{\"x\":[" + MANY_OBJECTS + "]}");
            case "deep" -> "{\"a\":".repeat(60_000) + "1" + "}".repeat(60_000);
            case "cfgdeep" ->
                    manifestOf("{\"config\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
            case "wide" -> {
                var members = new StringBuilder("{\"schemaVersion\":2");
                for (int i = 0; i < 300_000; i++) {
                    members.append(",\"").append(Integer.toString(i, 36)).append("\":0");
                }
                yield members.append('}').toString();
            }
            case "names" -> "{\"" + "n".repeat(4_100_000) + "\":0}";
            case "number" -> "{\"schemaVersion\":" + "9".repeat(4_000_000) + "}";
            case "huge" -> {
                var layer =
                        "{\"mediaType\":\"%s\",\"size\":1,\"digest\":\"sha256:%s\"}"
                                .formatted(LAYER_TYPE, "0".repeat(64));
                yield manifestOf("{}").replace("]}", ("," + layer).repeat(26_000) + "]}");
            }
            case "selfidx" ->
                    "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\",\"size\":9,\"digest\":\"sha256:%s\"}]}"
                            .formatted(INDEX_TYPE, INDEX_TYPE, "2".repeat(64));
            default -> throw new IllegalArgumentException("no such mode: " + mode);
        };
    }

    private String manifestOf(String config) {
        var bytes = config.getBytes(UTF_8);
        var digest = "sha256:" + sha256(bytes);
        blobs.put(digest, bytes);
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\",\"size\":%d,\"digest\":\"%s\"},\"layers\":[{\"mediaType\":\"%s\",\"size\":%d,\"digest\":\"%s\"}]}"
                .formatted(
                        MANIFEST_TYPE,
                        CONFIG_TYPE,
                        bytes.length,
                        digest,
                        LAYER_TYPE,
                        bytes.length,
                        digest);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }

    private static void challenge(HttpExchange exchange, String realm) throws IOException {
        var header = "Bearer realm=\"%s\",service=\"s\"".formatted(realm);
        exchange.getResponseHeaders().add("WWW-Authenticate", header);
        send(exchange, 401, "application/json", "{}".getBytes(UTF_8));
    }

    private static void redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().add("Location", location);
        send(exchange, 307, "text/plain", new byte[0]);
    }

    /** Ends when the client has had enough. */
    private static void endless(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", MANIFEST_TYPE);
        exchange.sendResponseHeaders(200, 0);
        var spaces = " ".repeat(64 << 10).getBytes(UTF_8);
        for (int i = 0; i < 1 << 14; i++) {
            exchange.getResponseBody().write(spaces);
        }
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().add("Content-Type", type);
        boolean bare = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
        exchange.sendResponseHeaders(status, bare ? -1 : body.length);
        if (!bare) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        registry.stop(0);
        neighbour.stop(0);
        threads.shutdownNow();
    }
}
