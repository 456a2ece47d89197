package io.berth.shimclient.ttrpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.StringValue;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Client and server of ours against each other; the real peers come with the shims' tests. */
class TtrpcContractTest {
    private static final String SERVICE = "test.v1.Echo";
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir Path directory;
    private Path socket;
    private TtrpcServer server;
    private final CountDownLatch release = new CountDownLatch(1);
    private final CompletableFuture<Thread> stuck = new CompletableFuture<>();
    private final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();

    @BeforeEach
    void listen() throws IOException {
        socket = directory.resolve("s");
        server =
                TtrpcServer.bind(socket)
                        .handle(SERVICE, "Echo", StringValue.parser(), (q, m) -> q)
                        .handle(SERVICE, "Bytes", BytesValue.parser(), (q, m) -> q)
                        .handle(
                                SERVICE,
                                "Namespace",
                                StringValue.parser(),
                                (q, m) -> StringValue.of(m.getOrDefault(q.getValue(), "none")))
                        .handle(
                                SERVICE,
                                "Fail",
                                StringValue.parser(),
                                (q, m) -> {
                                    throw new TtrpcException.Refused(
                                            StatusCode.NOT_FOUND, "task " + q.getValue());
                                })
                        .handle(
                                SERVICE,
                                "Bug",
                                StringValue.parser(),
                                (q, m) -> {
                                    throw new IllegalStateException("broken");
                                })
                        .handle(SERVICE, "Hang", StringValue.parser(), (q, m) -> hang(q));
        server.start();
    }

    @AfterEach
    void close() throws IOException {
        release.countDown();
        server.close();
        assertThat(Files.exists(socket)).isFalse();
    }

    private StringValue hang(StringValue request) {
        stuck.complete(Thread.currentThread());
        try {
            release.await();
            interrupted.complete(false);
        } catch (InterruptedException e) {
            interrupted.complete(true);
        }
        return request;
    }

    private TtrpcClient client() {
        return TtrpcClient.connect(socket, Map.of("containerd-namespace-ttrpc", "k8s.io"));
    }

    private static String echo(TtrpcClient client, String method, String text, Duration timeout) {
        return client.call(SERVICE, method, StringValue.of(text), StringValue.parser(), timeout)
                .getValue();
    }

    @Test
    void answersAndSendsMetadata() {
        try (var client = client()) {
            assertThat(echo(client, "Echo", "hé", LONG)).isEqualTo("hé");
            assertThat(echo(client, "Echo", "", LONG)).isEmpty();
            assertThat(echo(client, "Namespace", "containerd-namespace-ttrpc", LONG))
                    .isEqualTo("k8s.io");
        }
    }

    @Test
    void statusComesBackWithItsMessage() {
        try (var client = client()) {
            assertRefused(client, "Fail", StatusCode.NOT_FOUND, "task x");
            assertRefused(client, "Bug", StatusCode.INTERNAL, "broken");
            assertRefused(client, "Nothing", StatusCode.UNIMPLEMENTED, "no such method");
            assertThat(echo(client, "Echo", "still", LONG)).isEqualTo("still");
        }
    }

    private static void assertRefused(
            TtrpcClient client, String method, StatusCode code, String text) {
        assertThatThrownBy(() -> echo(client, method, "x", LONG))
                .isInstanceOfSatisfying(
                        TtrpcException.Refused.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(text);
    }

    @Test
    void callsShareTheConnectionAndDoNotWaitForEachOther() throws Exception {
        try (var client = client();
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var hanging = executor.submit(() -> echo(client, "Hang", "late", LONG));
            stuck.get(60, TimeUnit.SECONDS);
            var answers = new ArrayList<Future<String>>();
            for (int i = 0; i < 500; i++) {
                var text = "call " + i;
                answers.add(executor.submit(() -> echo(client, "Echo", text, LONG)));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo("call " + i);
            }
            assertThat(hanging.isDone()).isFalse();
            release.countDown();
            assertThat(hanging.get()).isEqualTo("late");
        }
    }

    @Test
    void payloadsUpToTheLimitPassAndLargerOnesAreRefusedWithoutLosingTheConnection() {
        var large = BytesValue.of(ByteString.copyFrom(new byte[Frame.MAX_PAYLOAD_BYTES - 200]));
        var tooLarge = BytesValue.of(ByteString.copyFrom(new byte[Frame.MAX_PAYLOAD_BYTES]));
        try (var client = client()) {
            assertThat(client.call(SERVICE, "Bytes", large, BytesValue.parser(), LONG))
                    .isEqualTo(large);
            assertThatThrownBy(
                            () ->
                                    client.call(
                                            SERVICE, "Bytes", tooLarge, BytesValue.parser(), LONG))
                    .isInstanceOf(TtrpcException.Refused.class)
                    .hasMessageContaining("at most 4194304 wanted");
            assertThat(echo(client, "Echo", "after", LONG)).isEqualTo("after");
        }
    }

    @Test
    void deadlineEndsTheCallOnBothSidesAndTheConnectionLives() throws Exception {
        try (var client = client()) {
            assertThatThrownBy(() -> echo(client, "Hang", "x", Duration.ofSeconds(2)))
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(TtrpcException.DeadlinePassed.class),
                            e ->
                                    assertThat(e)
                                            .isInstanceOfSatisfying(
                                                    TtrpcException.Refused.class,
                                                    r ->
                                                            assertThat(r.code())
                                                                    .isEqualTo(
                                                                            StatusCode
                                                                                    .DEADLINE_EXCEEDED)));
            assertThat(interrupted.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(echo(client, "Echo", "alive", LONG)).isEqualTo("alive");
        }
    }

    @Test
    void interruptedCallerLeavesAndTheConnectionLives() throws Exception {
        try (var client = client()) {
            var outcome = new CompletableFuture<Throwable>();
            var caller =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            client.callWithoutDeadline(
                                                    SERVICE,
                                                    "Hang",
                                                    StringValue.of("x"),
                                                    StringValue.parser());
                                        } catch (TtrpcException e) {
                                            outcome.complete(e);
                                        }
                                    });
            stuck.get(60, TimeUnit.SECONDS);
            caller.interrupt();
            assertThat(outcome.get(60, TimeUnit.SECONDS))
                    .isInstanceOf(TtrpcException.Interrupted.class);
            assertThat(echo(client, "Echo", "alive", LONG)).isEqualTo("alive");
        }
    }

    @Test
    @SuppressWarnings("try") // closing early is what it is about
    void closingEitherSideEndsCallsInProgress() throws Exception {
        try (var one = client();
                var other = client();
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = executor.submit(() -> echo(one, "Hang", "x", LONG));
            stuck.get(60, TimeUnit.SECONDS);
            var second = executor.submit(() -> echo(other, "Hang", "x", LONG));
            one.close();
            assertThatThrownBy(first::get).hasCauseInstanceOf(TtrpcException.Closed.class);
            assertThat(interrupted.isDone()).as("the call goes on in the server").isFalse();
            server.close();
            assertThat(interrupted.get(60, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(second::get).hasCauseInstanceOf(TtrpcException.Closed.class);
            assertThat(one.isOpen()).isFalse();
            assertThat(other.isOpen()).isFalse();
            assertThatThrownBy(() -> echo(one, "Echo", "x", LONG))
                    .isInstanceOf(TtrpcException.Closed.class);
        }
    }

    @Test
    void connectingToNobodyNamesTheSocket() throws IOException {
        assertThatThrownBy(() -> TtrpcClient.connect(directory.resolve("none"), Map.of()))
                .isInstanceOf(TtrpcException.Closed.class)
                .hasMessageContaining(directory.resolve("none").toString());
        assertThatThrownBy(() -> TtrpcClient.connect(directory.resolve("x".repeat(200)), Map.of()))
                .isInstanceOf(TtrpcException.Closed.class);
        Files.write(directory.resolve("file"), "no socket".getBytes(UTF_8));
        assertThatThrownBy(() -> TtrpcClient.connect(directory.resolve("file"), Map.of()))
                .isInstanceOf(TtrpcException.Closed.class);
    }

    @Test
    void staleSocketIsReplacedAndALiveOneIsNot() throws IOException {
        assertThatThrownBy(() -> TtrpcServer.bind(socket))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("listens on it");
        var stale = directory.resolve("stale");
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(stale));
        }
        try (var second = TtrpcServer.bind(stale)) {
            second.start();
            try (var client = TtrpcClient.connect(stale, Map.of())) {
                assertRefused(client, "Echo", StatusCode.UNIMPLEMENTED, "no such method");
            }
        }
    }
}
