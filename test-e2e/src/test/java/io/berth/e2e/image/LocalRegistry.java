package io.berth.e2e.image;

import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;

/**
 * Debian's docker-registry on a free port of loopback, over plain HTTP, keeping what it is sent.
 */
public final class LocalRegistry implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);

    private final Process process;
    private final int port;
    private final HttpClient http = HttpClient.newHttpClient();

    private LocalRegistry(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts a registry that keeps its data below {@code folder}; it answers on return. */
    public static LocalRegistry start(Path folder) throws IOException {
        Files.createDirectories(folder);
        int port = freePort();
        var config = folder.resolve("config.yml");
        Files.writeString(
                config,
                """
                version: 0.1
                log: {level: warn}
                storage:
                  filesystem: {rootdirectory: %s}
                  delete: {enabled: true}
                http: {addr: "127.0.0.1:%d"}
                """
                        .formatted(folder.resolve("data"), port));
        var log = folder.resolve("registry.log").toFile();
        var process =
                new ProcessBuilder("docker-registry", "serve", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log)
                        .start();
        var registry = new LocalRegistry(process, port);
        Waiting.until("the registry answers", START, registry::answers);
        return registry;
    }

    /** A port that nothing listened on a moment ago. */
    public static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public long pid() {
        return process.pid();
    }

    /** The reference of a repository and tag here. */
    public String reference(String name) {
        return "127.0.0.1:" + port + "/" + name;
    }

    /** Uploads an image as {@code repository:tag}. */
    public void push(TestImage image, String repository, String tag) throws IOException {
        var blobs = new ArrayList<>(image.layers());
        blobs.add(image.config());
        for (Blob blob : blobs) {
            var begun =
                    send(
                            request("/v2/" + repository + "/blobs/uploads/")
                                    .POST(BodyPublishers.noBody()),
                            202);
            var place = begun.headers().firstValue("Location").orElseThrow();
            var separator = place.contains("?") ? "&" : "?";
            var target = URI.create(place + separator + "digest=" + blob.digest());
            send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port).resolve(target))
                            .header("Content-Type", "application/octet-stream")
                            .PUT(BodyPublishers.ofByteArray(blob.bytes())),
                    201);
        }
        send(
                request("/v2/" + repository + "/manifests/" + tag)
                        .header("Content-Type", image.manifest().mediaType())
                        .PUT(BodyPublishers.ofByteArray(image.manifest().bytes())),
                201);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request, int wanted) throws IOException {
        try {
            var response = http.send(request.build(), BodyHandlers.ofString());
            if (response.statusCode() != wanted) {
                throw new IOException(
                        "registry %s: found %d, wanted %d: %s"
                                .formatted(
                                        response.uri(),
                                        response.statusCode(),
                                        wanted,
                                        response.body()));
            }
            return response;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while talking to the registry", stopped);
        }
    }

    private boolean answers() {
        try {
            send(request("/v2/").GET(), 200);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(Duration.ofSeconds(10))) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException stopped) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
