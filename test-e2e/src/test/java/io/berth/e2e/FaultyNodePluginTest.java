package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.e2e.nri.NodePlugin;
import io.berth.e2e.run.Waiting;
import io.berth.nri.v1.Empty;
import io.berth.nri.v1.KeyValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plugins of the node that hang, die, or talk nonsense harm nothing; and those that it starts. */
class FaultyNodePluginTest extends NodeTest {
    /** Joins what stands at descriptor 3 with a socket of the test, until either ends. */
    @SuppressWarnings("InlineFormatString") // a program of its own, to be read apart
    private static final String RELAY =
            """
            #!/usr/bin/perl
            use strict;
            use Socket;
            open(my $given, '+<&=', $ENV{NRI_PLUGIN_SOCKET}) or die;
            socket(my $test, AF_UNIX, SOCK_STREAM, 0) or die;
            connect($test, sockaddr_un('%s')) or die;
            syswrite($test, "$ENV{NRI_PLUGIN_IDX}-$ENV{NRI_PLUGIN_NAME} $$\\n");
            my %%other = (fileno($given) => $test, fileno($test) => $given);
            while (1) {
                my $ready = '';
                vec($ready, $_, 1) = 1 for keys %%other;
                select($ready, undef, undef, undef);
                for my $from (grep { vec($ready, fileno($_), 1) } $given, $test) {
                    my $count = sysread($from, my $bytes, 65536);
                    exec('sleep', '1000') if !$count && '%s';
                    exit 0 unless $count;
                    my $to = $other{fileno($from)};
                    while (length $bytes) { substr($bytes, 0, syswrite($to, $bytes)) = ''; }
                }
            }
            """;

    @SuppressWarnings("NullAway.Init")
    private ServerSocketChannel relayed;

    /** Plugins that are late are closed soon: nobody here answers in time or not at all. */
    @BeforeAll
    void startWithShortTimeouts() throws IOException {
        var config = node.folders().config();
        Files.writeString(
                config,
                Files.readString(config)
                        .replace("_request_timeout = \"20s\"", "_request_timeout = \"2s\"")
                        .replace(
                                "_registration_timeout = \"60s\"",
                                "_registration_timeout = \"10s\""));
        var listens = node.folders().top().resolve("relay.sock");
        relayed = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        relayed.bind(UnixDomainSocketAddress.of(listens));
        restart();
    }

    @AfterAll
    void closeRelay() throws IOException {
        if (relayed != null) {
            relayed.close();
        }
    }

    private void restart() throws IOException {
        node.kill();
        node.restart(Map.of());
    }

    private SocketChannel connected() throws IOException {
        var socket = node.folders().pluginSocket();
        Waiting.until("socket " + socket, Duration.ofSeconds(60), () -> Files.exists(socket));
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    private void aPodRuns() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, kubelet.shell("main", "exit 0").build());
        assertThat(kubelet.exited(id).getExitCode()).isZero();
        kubelet.end(sandbox);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RunPodSandbox", "CreateContainer", "StopContainer", "Synchronize"})
    void onePluginThatHangsIsClosedAndThePodRuns(String method) throws IOException {
        var never = new CountDownLatch(1);
        try (var plugin = NodePlugin.over("10-hangs", connected())) {
            plugin.on(
                            method,
                            _ -> {
                                never.await();
                                return Empty.getDefaultInstance();
                            })
                    .register();
            if (!method.equals("Synchronize")) {
                plugin.awaitSynchronized();
            }
            aPodRuns();
            if (!method.equals("Synchronize")) {
                plugin.awaitClosed();
            }
        } finally {
            never.countDown();
        }
        aPodRuns();
    }

    @Test
    void onePluginThatDiesInACallIsForgotten() throws IOException {
        var socket = connected();
        try (var plugin = NodePlugin.over("10-dies", socket)) {
            plugin.on(
                            "CreateContainer",
                            _ -> {
                                socket.close();
                                return Empty.getDefaultInstance();
                            })
                    .register()
                    .awaitSynchronized();
            aPodRuns();
        }
    }

    /** Words that are no message, and one that is longer than any may be. */
    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "endless"})
    void onePluginThatAnswersWhatIsNoAnswerIsClosedAndThePodRuns(String kind) throws IOException {
        var answer = KeyValue.newBuilder().setKey("\u0007");
        if (kind.equals("endless")) {
            answer.setValue("x".repeat(5 << 20));
        }
        try (var plugin = NodePlugin.over("10-babbles", connected())) {
            plugin.on("CreateContainer", _ -> answer.build()).register().awaitSynchronized();
            aPodRuns();
            plugin.awaitClosed();
        }
    }

    @Test
    void oneThatSaysNothingHoldsNobodyUpAndIsClosed() throws IOException {
        try (var silent = connected()) {
            aPodRuns();
            assertThat(silent.read(ByteBuffer.allocate(1))).isLessThanOrEqualTo(0);
        }
    }

    @Test
    void nonsenseOnTheSocketHarmsNobody() throws IOException {
        var random = new Random(7);
        for (int i = 0; i < 20; i++) {
            var bytes = new byte[1 + random.nextInt(4096)];
            random.nextBytes(bytes);
            try (var socket = connected()) {
                send(socket, bytes);
            }
        }
        // A frame that promises more than it may, and a flood that nobody asked for.
        for (var header : new int[][] {{1, Integer.MAX_VALUE}, {7, 1}, {2, -1}}) {
            try (var socket = connected()) {
                var bytes = ByteBuffer.allocate(8).putInt(header[0]).putInt(header[1]).array();
                send(socket, bytes);
                assertThat(socket.read(ByteBuffer.allocate(1))).isLessThanOrEqualTo(0);
            }
        }
        try (var socket = connected()) {
            var frame = new byte[8 + (1 << 20)];
            Arrays.fill(frame, (byte) 0xff);
            ByteBuffer.wrap(frame).putInt(1).putInt(1 << 20);
            for (int i = 0; i < 64; i++) {
                if (!send(socket, frame)) {
                    break;
                }
            }
        }
        aPodRuns();
    }

    /** False once the other side has closed. */
    private static boolean send(SocketChannel socket, byte[] bytes) {
        try {
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                socket.write(buffer);
            }
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    @Test
    void pluginsOfTheFolderAreStartedWithTheirConfigurationAndEndWithTheirDaemon()
            throws IOException {
        var folder = Files.createDirectories(node.folders().plugins());
        var program = folder.resolve("20-relay");
        try {
            write(program, "");
            Files.createDirectories(node.folders().pluginConfigs());
            Files.writeString(node.folders().pluginConfigs().resolve("relay.conf"), "a: b\n");
            var first = restartWithPlugin();
            try (var plugin = first.plugin()) {
                assertThat(plugin.configuration().getConfig()).isEqualTo("a: b\n");
                var pod = kubelet.pod().build();
                var sandbox = kubelet.run(pod);
                plugin.awaitTold("RunPodSandbox", sandbox);
                kubelet.end(sandbox);
            }
            gone(first.pid());
            // One that stays when its daemon is killed is ended by the next.
            write(program, "stay");
            var second = restartWithPlugin();
            Files.delete(program);
            restart();
            gone(second.pid());
            second.plugin().close();
            aPodRuns();
        } finally {
            Files.deleteIfExists(program);
        }
    }

    /** A plugin of the folder, and the process that the daemon has started for it. */
    private record Started(NodePlugin plugin, long pid) {}

    /** The plugin registers while the daemon starts: it has not long for it. */
    private Started restartWithPlugin() throws IOException {
        var started =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                var socket = relayed.accept();
                                var pid = pidOf(socket, "20-relay");
                                var plugin = NodePlugin.over("99-ignored", socket);
                                return new Started(plugin.register().awaitSynchronized(), pid);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        restart();
        return started.join();
    }

    private void write(Path program, String stays) throws IOException {
        Files.writeString(
                program, RELAY.formatted(node.folders().top().resolve("relay.sock"), stays));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What the relay says first: its name as the daemon gave it, and its process. */
    private static long pidOf(SocketChannel socket, String name) throws IOException {
        var line = new StringBuilder();
        var one = ByteBuffer.allocate(1);
        while (socket.read(one) > 0 && one.get(0) != '\n') {
            line.append((char) one.get(0));
            one.clear();
        }
        var words = line.toString().split(" ", -1);
        assertThat(words[0]).isEqualTo(name);
        return Long.parseLong(words[1]);
    }

    private static void gone(long pid) throws IOException {
        Waiting.until(
                "the end of plugin " + pid,
                Duration.ofSeconds(60),
                () -> {
                    var status = Path.of("/proc", Long.toString(pid), "status");
                    return Files.notExists(status)
                            || Files.readString(status).contains("Z (zombie)");
                });
    }
}
