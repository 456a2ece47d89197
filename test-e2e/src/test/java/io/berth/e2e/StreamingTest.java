package io.berth.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.AttachRequest;
import io.berth.cri.v1.ExecRequest;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PortForwardRequest;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import io.berth.e2e.stream.SpdyClient;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Exec, attach and port-forward, with real containers at their ends. */
class StreamingTest extends NodeTest {
    private static final String V4 = "v4.channel.k8s.io";
    private static final String PORTS = "portforward.k8s.io";

    private record Running(PodSandboxConfig pod, String sandbox, String container) {}

    private Running running(String script) throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("c", script).build());
        return new Running(pod, sandbox, id);
    }

    private static ExecRequest.Builder command(String container, String script) {
        return ExecRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of("sh", "-c", script))
                .setStdout(true);
    }

    private URI url(ExecRequest.Builder request) {
        return URI.create(node.client().runtime().exec(request.build()).getUrl());
    }

    @Test
    void outputsAndExitCodeArriveApart() throws IOException {
        var c = running("sleep 1000").container();
        var url = url(command(c, "echo out; echo err >&2; exit 3").setStderr(true));
        try (var client = SpdyClient.connect(url, V4)) {
            var ids = client.openAll("error", "stdout", "stderr");
            assertThat(client.all(ids.get(0)))
                    .contains("{\"reason\":\"ExitCode\",\"message\":\"3\"}");
            assertThat(client.all(ids.get(1))).isEqualTo("out\n");
            assertThat(client.all(ids.get(2))).isEqualTo("err\n");
        }
        try (var client = SpdyClient.connect(url(command(c, "no-such-thing")), V4)) {
            var ids = client.openAll("error", "stdout");
            assertThat(client.all(ids.get(0))).contains("127");
        }
        var none = ExecRequest.newBuilder().setContainerId(c).addCmd("/no/such").setStdout(true);
        try (var client = SpdyClient.connect(url(none), V4)) {
            var ids = client.openAll("error", "stdout");
            assertThat(client.all(ids.get(0))).contains("InternalError").contains("/no/such");
        }
    }

    @Test
    void theEndOfInputReachesTheCommand() throws IOException {
        var c = running("sleep 1000").container();
        var url = url(command(c, "wc -c; echo done").setStdin(true));
        try (var client = SpdyClient.connect(url, V4)) {
            var ids = client.openAll("error", "stdin", "stdout");
            client.data(ids.get(1), new byte[700_000], true);
            assertThat(client.all(ids.get(2))).isEqualTo("700000\ndone\n");
            assertThat(client.all(ids.get(0))).contains("Success");
        }
    }

    @Test
    void aTerminalHasTheSizeOfItsClients() throws IOException {
        var c = running("sleep 1000").container();
        var script =
                "until [ \"$(stty size)\" = '40 120' ]; do usleep 20000; done; read a; echo got $a;"
                        + " echo $TERM";
        var url = url(command(c, script).setStdin(true).setTty(true));
        try (var client = SpdyClient.connect(url, V4)) {
            var ids = client.openAll("error", "stdin", "stdout", "resize");
            client.data(ids.get(3), "{\"Width\":120,\"Height\":40}".getBytes(UTF_8), false);
            client.data(ids.get(1), "word\r".getBytes(UTF_8), false);
            assertThat(client.all(ids.get(2))).contains("got word\r\n").contains("xterm\r\n");
            assertThat(client.all(ids.get(0))).contains("Success");
        }
    }

    @Test
    void aCommandEndsWithItsClient() throws IOException {
        var run = running("sleep 1000");
        var url = url(command(run.container(), "sleep 999 & echo begun; sleep 998"));
        try (var client = SpdyClient.connect(url, V4)) {
            var ids = client.openAll("error", "stdout");
            client.await(ids.get(1), "begun");
        }
        Waiting.until(
                "an end of the command and its child",
                Kubelet.SOON,
                () ->
                        !kubelet.exec(run.container(), "ps")
                                .getStdout()
                                .toStringUtf8()
                                .contains(" 99"));
        noFifoIsLeft(run.container());
    }

    private void noFifoIsLeft(String container) throws IOException {
        var folder = node.folders().state().resolve("io").resolve(container);
        Waiting.until("folder without FIFOs of commands", Kubelet.SOON, () -> fifos(folder) == 0);
    }

    private static long fifos(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.filter(each -> String.valueOf(each.getFileName()).startsWith("exec-"))
                    .count();
        }
    }

    @Test
    void anAbandonedCommandIsEndedByTheNextDaemon() throws IOException {
        var run = running("sleep 1000");
        try (var client =
                SpdyClient.connect(url(command(run.container(), "echo begun; sleep 997")), V4)) {
            var ids = client.openAll("error", "stdout");
            client.await(ids.get(1), "begun");
            node.kill();
        }
        node.restart(Map.of());
        Waiting.until(
                "an end of the command",
                Kubelet.SOON,
                () ->
                        !kubelet.exec(run.container(), "ps")
                                .getStdout()
                                .toStringUtf8()
                                .contains("997"));
        noFifoIsLeft(run.container());
    }

    @Test
    void aClientAttachesToOutputAndInput() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config =
                kubelet.shell("c", "while read a; do echo got $a; echo err $a >&2; done; exit 5")
                        .setStdin(true)
                        .setStdinOnce(true)
                        .build();
        var id = kubelet.launch(sandbox, pod, config);
        var request = AttachRequest.newBuilder().setContainerId(id).setStdin(true).setStdout(true);
        var url = node.client().runtime().attach(request.setStderr(true).build()).getUrl();
        try (var client = SpdyClient.connect(URI.create(url), V4)) {
            var ids = client.openAll("error", "stdin", "stdout", "stderr");
            client.data(ids.get(1), "one\n".getBytes(UTF_8), false);
            client.await(ids.get(2), "got one\n");
            client.data(ids.get(1), "two\n".getBytes(UTF_8), true);
            assertThat(client.all(ids.get(2))).isEqualTo("got one\ngot two\n");
            assertThat(client.all(ids.get(3))).isEqualTo("err one\nerr two\n");
        }
        assertThat(kubelet.exited(id).getExitCode()).isEqualTo(5);
    }

    @Test
    void inputThatIsNotForOneClientOutlivesIt() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config =
                kubelet.shell("c", "while read a; do echo got $a; done").setStdin(true).build();
        var id = kubelet.launch(sandbox, pod, config);
        for (var word : List.of("one", "two")) {
            var request =
                    AttachRequest.newBuilder().setContainerId(id).setStdin(true).setStdout(true);
            var url = node.client().runtime().attach(request.build()).getUrl();
            try (var client = SpdyClient.connect(URI.create(url), V4)) {
                var ids = client.openAll("error", "stdin", "stdout");
                client.data(ids.get(1), (word + "\n").getBytes(UTF_8), false);
                client.await(ids.get(2), "got " + word);
                client.data(ids.get(1), new byte[0], true);
                assertThat(client.all(ids.get(0))).contains("Success");
            }
        }
        kubelet.awaitLine(Kubelet.log(pod, config), "got two");
    }

    @Test
    void aPortOfAPodIsReached() throws IOException {
        var run = running("nc -ll -p 8080 -e cat");
        var url = ports(run.sandbox());
        try (var client = SpdyClient.connect(url, PORTS)) {
            awaitEcho(client, "8080");
            int refused = open(client, "error", "8081", "none");
            open(client, "data", "8081", "none");
            assertThat(client.all(refused)).contains("8081").contains("ECONNREFUSED");
        }
    }

    private void awaitEcho(SpdyClient client, String port) throws IOException {
        var text = "x".repeat(100_000) + "end";
        Waiting.until(
                "echo from port " + port,
                Kubelet.SOON,
                () -> {
                    var name = Long.toString(System.nanoTime());
                    open(client, "error", port, name);
                    int data = open(client, "data", port, name);
                    client.data(data, text.getBytes(UTF_8), true);
                    return client.all(data).equals(text);
                });
    }

    private static int open(SpdyClient client, String type, String port, String request)
            throws IOException {
        return client.open(Map.of("streamtype", type, "port", port, "requestid", request));
    }

    private URI ports(String sandbox) {
        var request = PortForwardRequest.newBuilder().setPodSandboxId(sandbox).build();
        return URI.create(node.client().runtime().portForward(request).getUrl());
    }

    @Test
    void aPortOfAPodOnTheHostsNetworkIsReached() throws Exception {
        var host = NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).build();
        var sandbox = kubelet.run(kubelet.pod(host).build());
        try (var server = new ServerSocket(0, 1, v6Loopback());
                var client = SpdyClient.connect(ports(sandbox), PORTS)) {
            var port = Integer.toString(server.getLocalPort());
            open(client, "error", port, "0");
            int data = open(client, "data", port, "0");
            try (var pod = server.accept()) {
                client.data(data, "ping".getBytes(UTF_8), true);
                assertThat(pod.getInputStream().readAllBytes()).isEqualTo("ping".getBytes(UTF_8));
                pod.getOutputStream().write("pong".getBytes(UTF_8));
            }
            assertThat(client.all(data)).isEqualTo("pong");
        }
    }

    private static InetAddress v6Loopback() throws IOException {
        var address = new byte[16];
        address[15] = 1;
        return InetAddress.getByAddress(address);
    }

    /** Collects the channels of a WebSocket connection. */
    private static final class Channels implements WebSocket.Listener {
        private final Map<Integer, ByteArrayOutputStream> received =
                new java.util.concurrent.ConcurrentHashMap<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private int current = -1;

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            if (current < 0) {
                current = data.get();
            }
            var bytes = new byte[data.remaining()];
            data.get(bytes);
            received.computeIfAbsent(current, _ -> new ByteArrayOutputStream()).writeBytes(bytes);
            current = last ? -1 : current;
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            closed.complete(status);
            return CompletableFuture.completedStage(null);
        }

        String text(int channel) {
            return received.getOrDefault(channel, new ByteArrayOutputStream()).toString(UTF_8);
        }
    }

    @Test
    void webSocketCarriesACommandToo() throws Exception {
        var c = running("sleep 1000").container();
        var url = url(command(c, "cat; echo err >&2; exit 4").setStdin(true).setStderr(true));
        var channels = new Channels();
        try (var http = HttpClient.newHttpClient()) {
            var socket =
                    http.newWebSocketBuilder()
                            .subprotocols("v5.channel.k8s.io")
                            .buildAsync(
                                    URI.create(url.toString().replace("http:", "ws:")), channels)
                            .get(60, TimeUnit.SECONDS);
            assertThat(socket.getSubprotocol()).isEqualTo("v5.channel.k8s.io");
            var words = "\0some words".getBytes(UTF_8);
            socket.sendBinary(ByteBuffer.wrap(words), true).get(60, TimeUnit.SECONDS);
            var end = new byte[] {(byte) 255, 0};
            socket.sendBinary(ByteBuffer.wrap(end), true).get(60, TimeUnit.SECONDS);
            assertThat(channels.closed.get(60, TimeUnit.SECONDS)).isEqualTo(1000);
        }
        assertThat(channels.text(1)).isEqualTo("some words");
        assertThat(channels.text(2)).isEqualTo("err\n");
        assertThat(channels.text(3)).contains("\"message\":\"4\"");
    }

    @Test
    void whatMakesNoSenseIsRefused() throws IOException {
        var run = running("sleep 1000");
        var runtime = node.client().runtime();
        var invalid = Status.Code.INVALID_ARGUMENT;
        var both = command(run.container(), "true").setTty(true).setStderr(true).build();
        fails(invalid, () -> runtime.exec(both), "tty");
        var nothing = command(run.container(), "true").setStdout(false).build();
        fails(invalid, () -> runtime.exec(nothing), "stdin");
        var empty =
                ExecRequest.newBuilder().setContainerId(run.container()).setStdout(true).build();
        fails(invalid, () -> runtime.exec(empty), "cmd");
        var attach = AttachRequest.newBuilder().setContainerId(run.container());
        fails(invalid, () -> runtime.attach(attach.build()), "stdin");
        fails(
                invalid,
                () ->
                        runtime.portForward(
                                PortForwardRequest.newBuilder()
                                        .setPodSandboxId(run.sandbox())
                                        .addPort(70_000)
                                        .build()),
                "70000");
        fails(Status.Code.NOT_FOUND, () -> runtime.exec(command("none", "true").build()), "none");
        fails(
                Status.Code.NOT_FOUND,
                () ->
                        runtime.portForward(
                                PortForwardRequest.newBuilder().setPodSandboxId("none").build()));
        kubelet.stop(run.container(), 0);
        var precondition = Status.Code.FAILED_PRECONDITION;
        fails(precondition, () -> runtime.exec(command(run.container(), "true").build()));
        fails(precondition, () -> runtime.attach(attach.setStdout(true).build()));
        kubelet.stopPod(run.sandbox());
        fails(
                precondition,
                () ->
                        runtime.portForward(
                                PortForwardRequest.newBuilder()
                                        .setPodSandboxId(run.sandbox())
                                        .build()));
    }
}
