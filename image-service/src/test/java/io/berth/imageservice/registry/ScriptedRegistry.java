package io.berth.imageservice.registry;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.berth.storage.content.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A registry on a port of this machine that holds what it was given and does wrong what its script
 * says: each path has a queue of faults, one for each request, and then behaves.
 */
public final class ScriptedRegistry implements AutoCloseable {

    /** A request as it came. */
    public record Seen(String method, String path, Map<String, List<String>> headers, String body) {
        public Optional<String> header(String name) {
            return headers.entrySet().stream()
                    .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                    .map(entry -> entry.getValue().getFirst())
                    .findFirst();
        }
    }

    private static final class Content {
        private final String mediaType;
        private final byte[] bytes;

        Content(String mediaType, byte[] bytes) {
            this.mediaType = mediaType;
            this.bytes = bytes.clone();
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Content> contents = new ConcurrentHashMap<>();
    private final Map<String, Deque<Fault>> script = new ConcurrentHashMap<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Predicate<Seen> admitted = _ -> true;
    private volatile String challenge = "";

    public ScriptedRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** {@code 127.0.0.1:port}. */
    public String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    public String address() {
        return "http://" + authority();
    }

    public Digest blob(String repository, byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        put("/v2/" + repository + "/blobs/" + digest, "application/octet-stream", bytes);
        return digest;
    }

    /** Serves a manifest by its digest and by tags. */
    public Digest manifest(String repository, String mediaType, byte[] bytes, String... tags) {
        Digest digest = Digest.sha256(bytes);
        put("/v2/" + repository + "/manifests/" + digest, mediaType, bytes);
        for (String tag : tags) {
            put("/v2/" + repository + "/manifests/" + tag, mediaType, bytes);
        }
        return digest;
    }

    public void put(String path, String mediaType, byte[] bytes) {
        contents.put(path, new Content(mediaType, bytes));
    }

    public void put(String path, String text) {
        put(path, "application/json", text.getBytes(StandardCharsets.UTF_8));
    }

    /** The next requests for {@code path} meet these faults, one each. */
    public void script(String path, Fault... faults) {
        script.computeIfAbsent(path, _ -> new ArrayDeque<>()).addAll(List.of(faults));
    }

    /** Requests below /v2/ that do not pass are challenged. */
    public void admit(Predicate<Seen> passes, String header) {
        admitted = passes;
        challenge = header;
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    public List<Seen> seen(String pathPart) {
        return seen.stream().filter(request -> request.path().contains(pathPart)).toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = exchange.getRequestURI().getRawQuery();
        var request =
                new Seen(
                        exchange.getRequestMethod(),
                        query == null ? path : path + "?" + query,
                        Map.copyOf(exchange.getRequestHeaders()),
                        new String(
                                exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        seen.add(request);
        try (exchange) {
            Deque<Fault> faults = script.get(path);
            Fault fault = null;
            if (faults != null) {
                synchronized (faults) {
                    fault = faults.poll();
                }
            }
            if (fault == null && path.startsWith("/v2/") && !admitted.test(request)) {
                fault = new Fault.Challenges(List.of(challenge));
            }
            answer(exchange, path, fault == null ? new Fault.None() : fault);
        }
    }

    private void answer(HttpExchange exchange, String path, Fault fault) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        switch (fault) {
            case Fault.Status(int code) -> exchange.sendResponseHeaders(code, -1);
            case Fault.Refusal(int code, String errorCode, String message) ->
                    send(
                            exchange,
                            code,
                            "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}"
                                    .formatted(errorCode, message)
                                    .getBytes(StandardCharsets.UTF_8));
            case Fault.Challenges(List<String> challenges) -> {
                headers.put("WWW-Authenticate", challenges);
                exchange.sendResponseHeaders(401, -1);
            }
            case Fault.Redirect(String location) -> {
                headers.set("Location", location);
                exchange.sendResponseHeaders(307, -1);
            }
            case Fault.Reset _,
                    Fault.Stall _,
                    Fault.Trickle _,
                    Fault.WrongLength _,
                    Fault.WrongBytes _,
                    Fault.IgnoresRange _,
                    Fault.WrongRange _,
                    Fault.None _ ->
                    content(exchange, path, fault);
        }
    }

    private void content(HttpExchange exchange, String path, Fault fault) throws IOException {
        if (path.equals("/v2/")) {
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        Content content = contents.get(path);
        if (content == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", content.mediaType);
        if (path.contains("/manifests/")) {
            headers.set("Docker-Content-Digest", Digest.sha256(content.bytes).toString());
        }
        byte[] bytes = content.bytes.clone();
        int offset = offset(exchange);
        if (fault instanceof Fault.WrongBytes) {
            bytes[bytes.length - 1] ^= 1;
        }
        if (fault instanceof Fault.WrongLength(int extra)) {
            bytes = java.util.Arrays.copyOf(bytes, bytes.length + extra);
        }
        int status = 200;
        if (offset > 0 && !(fault instanceof Fault.IgnoresRange)) {
            int told = fault instanceof Fault.WrongRange ? offset + 1 : offset;
            headers.set(
                    "Content-Range",
                    "bytes %d-%d/%d".formatted(told, bytes.length - 1, bytes.length));
            bytes = java.util.Arrays.copyOfRange(bytes, offset, bytes.length);
            status = 206;
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            headers.set("Content-Length", String.valueOf(bytes.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        write(exchange.getResponseBody(), bytes, fault);
    }

    private void write(OutputStream body, byte[] bytes, Fault fault) throws IOException {
        switch (fault) {
            case Fault.Reset(int after) -> {
                body.write(bytes, 0, Math.min(after, bytes.length));
                body.flush();
            }
            case Fault.Stall(int after) -> {
                body.write(bytes, 0, Math.min(after, bytes.length));
                body.flush();
                pause(60_000);
            }
            case Fault.Trickle(int pauseMillis) -> {
                for (byte one : bytes) {
                    body.write(one);
                    body.flush();
                    if (pause(pauseMillis)) {
                        return;
                    }
                }
            }
            case Fault.WrongLength _,
                    Fault.WrongBytes _,
                    Fault.Status _,
                    Fault.Refusal _,
                    Fault.Challenges _,
                    Fault.Redirect _,
                    Fault.IgnoresRange _,
                    Fault.WrongRange _,
                    Fault.None _ ->
                    body.write(bytes);
        }
    }

    /** Waits that long or until the server closes, which is when it says yes. */
    private boolean pause(long millis) throws IOException {
        try {
            return closing.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            throw new IOException(stopped);
        }
    }

    private static int offset(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null
                ? 0
                : Integer.parseInt(range.replaceFirst("^bytes=", "").replaceFirst("-$", ""));
    }

    private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.close();
    }
}
