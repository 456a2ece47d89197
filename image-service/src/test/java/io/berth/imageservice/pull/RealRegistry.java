package io.berth.imageservice.pull;

import io.berth.storage.content.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The registry of Debian's package docker-registry, started on a free port of this machine with its
 * files in a temporary folder, and a client that pushes images to it.
 */
final class RealRegistry implements AutoCloseable {

    private static final Path BINARY = Path.of("/usr/bin/docker-registry");
    private static final Duration START = Duration.ofSeconds(20);

    static final String USER = "user";
    static final String PASSWORD = "secret";
    private static final String HTPASSWD =
            "user:$2b$04$vmMXRtTt.ht9ppqi4FTLFuC4nx9QJoEzKgiJD.e.Lh7gwodpKt3TC\n";

    private final Process process;
    private final int port;
    private final boolean tls;
    private final boolean auth;
    private final HttpClient http;
    private final Path folder;

    private RealRegistry(Path folder, boolean tls, boolean auth) throws Exception {
        if (!Files.isExecutable(BINARY)) {
            throw new AssertionError(
                    BINARY + " is missing: install Debian's package docker-registry");
        }
        this.folder = Files.createDirectories(folder);
        this.tls = tls;
        this.auth = auth;
        port = freePort();
        if (tls) {
            makeCertificate();
        }
        Files.writeString(folder.resolve("htpasswd"), HTPASSWD);
        Path config = Files.writeString(folder.resolve("config.yml"), config());
        process =
                new ProcessBuilder(BINARY.toString(), "serve", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("log").toFile())
                        .start();
        http = client();
        awaitAnswer();
    }

    static RealRegistry plain(Path folder) throws Exception {
        return new RealRegistry(folder, false, false);
    }

    /** With TLS, so with HTTP/2, and with a password. */
    static RealRegistry guarded(Path folder) throws Exception {
        return new RealRegistry(folder, true, true);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String config() {
        String guarded =
                tls
                        ? "  tls:\n    certificate: %s\n    key: %s\n"
                                .formatted(folder.resolve("cert.pem"), folder.resolve("key.pem"))
                        : "";
        String passwords =
                auth
                        ? "auth:\n  htpasswd:\n    realm: test\n    path: %s\n"
                                .formatted(folder.resolve("htpasswd"))
                        : "";
        return """
        version: 0.1
        log:
          level: info
        storage:
          filesystem:
            rootdirectory: %s
        http:
          addr: 127.0.0.1:%d
        """
                        .formatted(folder.resolve("data"), port)
                + guarded
                + passwords;
    }

    private void makeCertificate() throws Exception {
        Path store = folder.resolve("store.p12");
        int exit =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "it",
                                "-keyalg",
                                "RSA",
                                "-keysize",
                                "2048",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=ip:127.0.0.1,dns:localhost",
                                "-validity",
                                "2",
                                "-keystore",
                                store.toString(),
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                "changeit")
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("keytool.log").toFile())
                        .start()
                        .waitFor();
        if (exit != 0) {
            throw new AssertionError(Files.readString(folder.resolve("keytool.log")));
        }
        char[] password = "changeit".toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, password);
        }
        pem("cert.pem", "CERTIFICATE", keys.getCertificate("it").getEncoded());
        pem("key.pem", "PRIVATE KEY", keys.getKey("it", password).getEncoded());
    }

    private void pem(String name, String kind, byte[] der) throws IOException {
        String body =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der);
        Files.writeString(
                folder.resolve(name),
                "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, body, kind));
    }

    private HttpClient client() throws IOException, GeneralSecurityException {
        var builder = HttpClient.newBuilder();
        if (tls) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            try (InputStream in = Files.newInputStream(certificate())) {
                trusted.setCertificateEntry(
                        "it", CertificateFactory.getInstance("X.509").generateCertificate(in));
            }
            var managers =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            builder.sslContext(context);
        }
        return builder.build();
    }

    private void awaitAnswer() throws Exception {
        long deadline = System.nanoTime() + START.toNanos();
        var never = new CountDownLatch(1);
        while (true) {
            try {
                send("GET", URI.create(address() + "/v2/"), "", new byte[0]);
                return;
            } catch (IOException notYet) {
                if (System.nanoTime() > deadline || !process.isAlive()) {
                    close();
                    throw new AssertionError(
                            "docker-registry does not answer: "
                                    + Files.readString(folder.resolve("log")),
                            notYet);
                }
                boolean ended = never.await(50, TimeUnit.MILLISECONDS);
                assert !ended;
            }
        }
    }

    private HttpResponse<byte[]> send(String method, URI uri, String type, byte[] body)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofSeconds(20))
                        .method(method, BodyPublishers.ofByteArray(body));
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        if (auth) {
            String both = USER + ":" + PASSWORD;
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(both.getBytes(StandardCharsets.UTF_8)));
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    String authority() {
        return "127.0.0.1:" + port;
    }

    private String address() {
        return (tls ? "https://" : "http://") + authority();
    }

    /** What a client must trust. */
    Path certificate() {
        return folder.resolve("cert.pem");
    }

    /** The lines that the registry logged. */
    String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    /** Pushes blobs and manifest; returns the manifest's digest. */
    Digest push(SampleImage image, String repository, String... tags) throws Exception {
        for (var part : image.parts().entrySet()) {
            blob(repository, part.getKey(), part.getValue());
        }
        manifest(repository, SampleImage.MANIFEST, image.manifest(), Optional.empty());
        for (String tag : tags) {
            manifest(repository, SampleImage.MANIFEST, image.manifest(), Optional.of(tag));
        }
        return Digest.sha256(image.manifest());
    }

    private void blob(String repository, Digest digest, byte[] bytes) throws Exception {
        var started =
                send(
                        "POST",
                        URI.create(address() + "/v2/" + repository + "/blobs/uploads/"),
                        "",
                        new byte[0]);
        String location = started.headers().firstValue("location").orElseThrow();
        URI upload = URI.create(address()).resolve(location);
        String query = upload.getRawQuery() == null ? "?" : "&";
        var done =
                send(
                        "PUT",
                        URI.create(upload + query + "digest=" + digest),
                        "application/octet-stream",
                        bytes);
        if (done.statusCode() != 201) {
            throw new AssertionError("blob push answered " + done.statusCode());
        }
    }

    private void manifest(String repository, String type, byte[] bytes, Optional<String> tag)
            throws Exception {
        String target = tag.orElse(Digest.sha256(bytes).toString());
        var uri = URI.create(address() + "/v2/" + repository + "/manifests/" + target);
        var done = send("PUT", uri, type, bytes);
        if (done.statusCode() != 201) {
            throw new AssertionError(
                    "manifest push answered %d: %s"
                            .formatted(
                                    done.statusCode(),
                                    new String(done.body(), StandardCharsets.UTF_8)));
        }
    }

    @Override
    public void close() {
        if (http != null) {
            http.close();
        }
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, 10, TimeUnit.SECONDS)
                .thenAccept(Process::destroyForcibly)
                .join();
        process.onExit().join();
    }
}
