package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.ExecRequest;
import io.berth.e2e.node.BerthUnderTest;
import io.berth.e2e.node.NodeConfig;
import io.berth.e2e.node.NodeFolders;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import io.berth.e2e.stream.CertificateFiles;
import io.berth.e2e.stream.SpdyClient;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Streams by https, and those that carry nothing. */
class SecureStreamsTest extends NodeTest {
    private static final String V4 = "v4.channel.k8s.io";
    private static final Duration SOON = Duration.ofMinutes(2);

    @SuppressWarnings("NullAway.Init")
    private CertificateFiles files;

    @Override
    TestNode started() throws IOException {
        return TestNode.start(
                Map.of(),
                folders -> {
                    files = CertificateFiles.make(folders.top(), "own");
                    return table(files.certificate(), files.key(), "4h");
                });
    }

    private static String table(Path certificate, Path key, String idle) {
        return "[streaming]\ntls_cert = \"%s\"\ntls_key = \"%s\"\nidle_timeout = \"%s\"\n"
                .formatted(certificate, key, idle);
    }

    private String running() throws IOException {
        var pod = kubelet.pod().build();
        return kubelet.launch(
                kubelet.run(pod), pod, kubelet.shell("c", "exec sleep 9999999").build());
    }

    private URI url(String container, String script) {
        var request =
                ExecRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of("sh", "-c", script))
                        .setStdin(true)
                        .setStdout(true)
                        .build();
        return URI.create(node.client().runtime().exec(request).getUrl());
    }

    private SpdyClient secure(URI url) throws IOException {
        var factory = files.trusting().getSocketFactory();
        return SpdyClient.over(factory.createSocket(url.getHost(), url.getPort()), url, V4);
    }

    @Test
    void aCommandIsCarriedByTls() throws IOException {
        var url = url(running(), "cat; exit 3");
        assertThat(url.getScheme()).isEqualTo("https");
        try (var client = secure(url)) {
            var ids = client.openAll("error", "stdin", "stdout");
            client.data(ids.get(1), new byte[300_000], true);
            assertThat(client.all(ids.get(2))).hasSize(300_000);
            assertThat(client.all(ids.get(0))).contains("\"message\":\"3\"");
        }
    }

    @Test
    void aClientWithoutTlsGetsNothing() throws IOException {
        var url = url(running(), "echo never");
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.setSoTimeout((int) SOON.toMillis());
            assertThatThrownBy(
                            () -> {
                                var client = SpdyClient.over(socket, url, V4);
                                throw new IOException("answered: " + client.answer());
                            })
                    .hasMessageNotContaining("101");
        }
    }

    @Test
    void theCommandTrustsWhomItIsTold() throws IOException {
        var container = running();
        var socket = node.folders().socket().toString();
        var berth = BerthUnderTest.program().getFirst();
        var told =
                Command.run(
                        SOON,
                        berth,
                        "exec",
                        "--socket",
                        socket,
                        "--tls-ca",
                        files.certificate().toString(),
                        "-i",
                        container,
                        "sh",
                        "-c",
                        "cat; exit 4");
        assertThat(told.exitCode()).as(told.error()).isEqualTo(4);
        var untold = Command.run(SOON, berth, "exec", "--socket", socket, "-i", container, "true");
        assertThat(untold.exitCode()).isEqualTo(1);
        assertThat(untold.error()).contains("https://127.0.0.1").contains("certif");
    }

    @Test
    void whatCarriesNothingIsEnded() throws IOException {
        var container = running();
        NodeConfig.write(node.folders(), table(files.certificate(), files.key(), "2s"));
        node.daemon().terminate();
        node.restart(Map.of());
        try (var client = secure(url(container, "cat; : 876543"))) {
            client.openAll("error", "stdin", "stdout");
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    client.next();
                                }
                            })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
        Waiting.until(
                "an end of the command",
                Kubelet.SOON,
                () ->
                        !kubelet.exec(container, "sh", "-c", "cat /proc/[0-9]*/cmdline; true")
                                .getStdout()
                                .toStringUtf8()
                                .contains("87654" + "3"));
        NodeConfig.write(node.folders(), table(files.certificate(), files.key(), "4h"));
        node.daemon().terminate();
        node.restart(Map.of());
    }

    @Test
    void aKeyThatDoesNotFitStopsTheStart() throws IOException, InterruptedException {
        var folders = NodeFolders.create();
        try {
            var other = CertificateFiles.make(folders.top(), "other");
            NodeConfig.write(folders, table(files.certificate(), other.key(), "4h"));
            assertThat(said(folders))
                    .contains("other.key: is not the key of certificate")
                    .contains("own.crt");
            NodeConfig.write(folders, table(files.certificate(), Path.of("/no/such.key"), "4h"));
            assertThat(said(folders)).contains("streaming.tls_key /no/such.key: no such file");
        } finally {
            Command.need(
                    SOON,
                    Path.of(System.getProperty("berth.e2e.home", "."), "clean").toString(),
                    folders.top().toString());
        }
    }

    /** What a daemon says that ends by itself. */
    private static String said(NodeFolders folders) throws IOException, InterruptedException {
        var process = BerthUnderTest.launch(folders, List.of(), Map.of());
        if (!process.waitFor(SOON.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("daemon: runs, wanted its end");
        }
        assertThat(process.exitValue()).isNotZero();
        return Files.readString(folders.daemonLog());
    }
}
