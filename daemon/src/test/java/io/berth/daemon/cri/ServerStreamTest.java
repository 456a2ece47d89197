package io.berth.daemon.cri;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.sandbox.SandboxException;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A stream against a client that reads when the test says so. */
final class ServerStreamTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final Client client = new Client();

    @Test
    void messagesAreSentAsTheClientReadsAndTheEndAfterThem() throws Exception {
        ServerStream.answer("Any", client, LONG, () -> {}, stream -> sendAll(stream, "a", "b"));
        client.ready(1);
        assertThat(client.next()).isEqualTo("a");
        assertThat(client.told).isEmpty();
        client.ready(1);
        assertThat(client.next()).isEqualTo("b");
        assertThat(client.next()).isEqualTo("end");
    }

    @Test
    void aFailureEndsTheStreamWithItsStatus() throws Exception {
        client.ready(1);
        ServerStream.answer(
                "Any",
                client,
                LONG,
                () -> {},
                stream -> {
                    stream.send("a");
                    throw new SandboxException.TooSlow("events: lost");
                });
        assertThat(client.next()).isEqualTo("a");
        assertThat(client.next()).isEqualTo("RESOURCE_EXHAUSTED events: lost");
    }

    @Test
    void aClientThatGoesAwayEndsTheWorkAtOnce() throws Exception {
        var told = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        ServerStream.answer(
                "Any",
                client,
                LONG,
                told::countDown,
                stream -> {
                    try {
                        sendAll(stream, "a", "b");
                    } finally {
                        ended.countDown();
                    }
                });
        client.ready(1);
        assertThat(client.next()).isEqualTo("a");
        client.goAway();
        assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(client.told).isEmpty();
    }

    @Test
    void aClientThatReadsNothingIsGivenUp() throws Exception {
        ServerStream.answer(
                "StreamAny",
                client,
                Duration.ofMillis(50),
                () -> {},
                stream -> sendAll(stream, "a"));
        assertThat(client.next())
                .isEqualTo("DEADLINE_EXCEEDED StreamAny: the client has read nothing for PT0.05S");
    }

    private static void sendAll(ServerStream<String> stream, String... all) throws Exception {
        for (var each : List.of(all)) {
            stream.send(each);
        }
    }

    /** Notes what it is told, and is ready for as many messages as it was allowed. */
    private static final class Client extends ServerCallStreamObserver<String> {
        private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
        private Runnable onReady = () -> {};
        private Runnable onCancel = () -> {};
        private volatile int wanted;
        private volatile boolean cancelled;

        String next() throws InterruptedException {
            return String.valueOf(told.poll(60, TimeUnit.SECONDS));
        }

        void ready(int messages) {
            wanted = messages;
            onReady.run();
        }

        void goAway() {
            cancelled = true;
            onCancel.run();
        }

        @Override
        public boolean isReady() {
            return wanted > 0;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public void onNext(String value) {
            wanted = 0;
            told.add(value);
        }

        @Override
        public void onError(Throwable failure) {
            var status = Status.fromThrowable(failure);
            told.add(status.getCode() + " " + status.getDescription());
        }

        @Override
        public void onCompleted() {
            told.add("end");
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {
            onCancel = handler;
        }

        @Override
        public void setCompression(String compression) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}
    }
}
