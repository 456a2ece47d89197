package io.berth.sandbox.operation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.AttachRequest;
import io.berth.cri.v1.ContainerConfig;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.rig.NodeRig;
import io.berth.sandbox.rig.ShortFolder;
import io.berth.sandbox.sandbox.SandboxId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that vanish or read slowly. */
@Timeout(120)
class AttachTest {
    /** More than the log writer holds for a client that does not read. */
    private static final int MUCH = 6 << 20;

    @TempDir(factory = ShortFolder.class)
    Path folder;

    private NodeRig rig;
    private SandboxId pod;

    @BeforeEach
    void open() throws IOException {
        rig = NodeRig.open(folder);
        pod = rig.runPod("web");
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    private ContainerConfig.Builder reader(boolean once) {
        return rig.script("app", "cat; echo end of input").setStdin(true).setStdinOnce(once);
    }

    private CompletableFuture<Void> attach(ContainerId container, FakeClient client) {
        var request =
                AttachRequest.newBuilder()
                        .setContainerId(container.value())
                        .setStdin(true)
                        .setStdout(true)
                        .setStderr(true)
                        .build();
        return NodeRig.async(
                () -> {
                    try {
                        rig.sandboxes().attach(request, client);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    @Test
    void aVanishedClientEndsTheInputThatWasThereForItAlone() throws IOException {
        var app = rig.runContainer(pod, reader(true));
        var client = new FakeClient();
        var session = attach(app, client);
        client.sends("hello\n");
        NodeRig.await("an echo", () -> client.out().contains("hello"));
        client.vanish();
        session.join();
        rig.awaitExit(app);
        assertThat(rig.log("web", "app"))
                .anyMatch(line -> line.endsWith(" hello"))
                .anyMatch(line -> line.endsWith(" end of input"));
    }

    @Test
    void aClientThatVanishesWhileItsInputWaitsEndsItToo() {
        var idle = rig.script("app", "exec sleep 1000").setStdin(true).setStdinOnce(true);
        var app = rig.runContainer(pod, idle);
        var client = new FakeClient();
        var session = attach(app, client);
        client.sends("x".repeat(MUCH));
        client.awaitReader();
        client.vanish();
        session.join();
        assertThat(rig.shim(pod).stdinClosed(app.value())).isTrue();
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
    }

    @Test
    void aVanishedClientLeavesOtherInputOpen() {
        var app = rig.runContainer(pod, reader(false));
        var client = new FakeClient();
        var session = attach(app, client);
        client.sends("hello\n");
        NodeRig.await("an echo", () -> client.out().contains("hello"));
        client.vanish();
        session.join();
        assertThat(rig.shim(pod).stdinClosed(app.value())).isFalse();
        assertThat(rig.state(app)).isInstanceOf(ContainerState.Running.class);
    }

    @Test
    void aTidyEndOfTheInputLeavesTheOutputFlowing() {
        var app = rig.runContainer(pod, reader(true));
        var client = new FakeClient();
        var session = attach(app, client);
        client.sends("hello\n");
        client.ends();
        session.join();
        assertThat(client.out()).isEqualTo("hello\nend of input\n");
        assertThat(rig.shim(pod).calls())
                .filteredOn(call -> call.equals("CloseIO " + app))
                .hasSize(1);
    }

    @Test
    void aClientThatLostOutputIsToldSoAndFails() throws IOException {
        var script = "read go; head -c %d /dev/zero; echo; echo written; cat".formatted(MUCH);
        var app = rig.runContainer(pod, rig.script("app", script).setStdin(true));
        var client = new FakeClient();
        var session = attach(app, client);
        client.pause();
        client.sends("go\n");
        NodeRig.await("the output", () -> logged(" written"));
        client.resume();
        rig.shim(pod).killTask(app.value());
        assertThatThrownBy(session::join)
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("bytes of output were lost");
        assertThat(client.err()).contains("bytes of output left out");
    }

    @Test
    void aClientThatMissedTheEndOfTheOutputIsToldSoAndFails() {
        var script = "read go; head -c %d /dev/zero; echo; echo written".formatted(MUCH);
        var app = rig.runContainer(pod, rig.script("app", script).setStdin(true));
        var client = new FakeClient();
        var session = attach(app, client);
        client.pause();
        client.sends("go\n");
        rig.awaitExit(app);
        NodeRig.await("the log writer's end", () -> !writes(app));
        client.resume();
        assertThatThrownBy(session::join)
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("the end of its output was lost");
        assertThat(client.err()).contains("the rest of the output left out");
    }

    @Test
    void aClientThatReadsInTimeSucceeds() {
        var script = "read go; head -c %d /dev/zero; echo written".formatted(1 << 16);
        var app = rig.runContainer(pod, rig.script("app", script).setStdin(true));
        var client = new FakeClient();
        var session = attach(app, client);
        client.sends("go\n");
        assertThatCode(session::join).doesNotThrowAnyException();
        assertThat(client.out()).hasSize((1 << 16) + "written\n".length());
        assertThat(client.err()).isEmpty();
    }

    private boolean logged(String end) {
        try {
            return rig.log("web", "app").stream().anyMatch(line -> line.endsWith(end));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By its process, as the rig knows it when it closes. */
    private boolean writes(ContainerId id) {
        return ProcessHandle.allProcesses()
                .anyMatch(it -> it.info().commandLine().orElse("").contains("/io/" + id));
    }

    /** A client in this process, which reads as it is told. */
    private static final class FakeClient implements Client {
        private static final byte[] END = {};

        private final BlockingQueue<byte[]> input = new ArrayBlockingQueue<>(16);
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final CompletableFuture<String> gone = new CompletableFuture<>();
        private final CountDownLatch read = new CountDownLatch(1);
        private byte[] rest = {};
        private volatile CountDownLatch pace = new CountDownLatch(0);

        void sends(String text) {
            input.add(text.getBytes(UTF_8));
        }

        void ends() {
            input.add(END);
        }

        /** Its connection breaks: whoever waits for it is told. */
        void vanish() {
            gone.complete("connection reset");
            input.add(END);
        }

        void pause() {
            pace = new CountDownLatch(1);
        }

        void resume() {
            pace.countDown();
        }

        void awaitReader() {
            try {
                read.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        String out() {
            return text(out);
        }

        String err() {
            return text(err);
        }

        private static String text(ByteArrayOutputStream bytes) {
            synchronized (bytes) {
                return bytes.toString(UTF_8);
            }
        }

        @Override
        public int readStdin(byte[] into) throws IOException {
            try {
                var next = rest.length == 0 ? input.take() : rest;
                if (gone.isDone() && next.length == 0) {
                    throw new IOException("client: gone");
                }
                int count = Math.min(next.length, into.length);
                System.arraycopy(next, 0, into, 0, count);
                rest = java.util.Arrays.copyOfRange(next, count, next.length);
                read.countDown();
                return next.length == 0 ? -1 : count;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        private void write(ByteArrayOutputStream to, byte[] bytes, int length) throws IOException {
            try {
                pace.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            synchronized (to) {
                to.write(bytes, 0, length);
            }
        }

        @Override
        public void writeStdout(byte[] bytes, int length) throws IOException {
            write(out, bytes, length);
        }

        @Override
        public void writeStderr(byte[] bytes, int length) throws IOException {
            write(err, bytes, length);
        }

        @Override
        public Optional<Size> nextSize() {
            return Optional.empty();
        }

        @Override
        public CompletableFuture<String> gone() {
            return gone;
        }
    }
}
