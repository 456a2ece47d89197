package io.berth.sandbox.operation;

import io.berth.cri.v1.AttachRequest;
import io.berth.linux.Errno;
import io.berth.linux.FdPoller;
import io.berth.linux.Flags;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.PolledFd;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.logs.ContainerLogs;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.writer.LogTap;
import io.berth.shimclient.writer.LogWriterException;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Connects a client with a running container: its output from now on, as the log writer copies it,
 * and its stdin. The container never waits for a client. A client that reads too slowly loses
 * output: it is told where, and its session ends as failed.
 */
final class Attach {
    private static final Logger LOG = System.getLogger(Attach.class.getName());
    private static final int COPY_BYTES = 32 << 10;
    private static final Duration WAIT = Duration.ofHours(1);

    private final Node node;
    private final FdPoller poller;
    private final ContainerLogs logs;

    Attach(Node node, FdPoller poller, ContainerLogs logs) {
        this.node = node;
        this.poller = poller;
        this.logs = logs;
    }

    /** Throws if nobody could be attached now. */
    void check(AttachRequest request) {
        FieldPolicy.check(request);
        Streams.check(
                request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
        var _ = ExecProcess.runningContainer(node, request.getContainerId());
    }

    /**
     * Stays until the container's output has ended, the client is gone, or its input has ended and
     * the container goes on reading from others.
     */
    void run(AttachRequest request, Client client) throws IOException {
        check(request);
        var container = ExecProcess.runningContainer(node, request.getContainerId());
        try (var tap = logs.tap(container)) {
            var fifo = request.getStdin() ? stdin(container) : Optional.<PolledFd>empty();
            var input = fifo.map(to -> new Input(container, to, new AtomicBoolean()));
            try {
                run(container, client, tap, input);
            } finally {
                input.ifPresent(this::leave);
            }
        } catch (LogWriterException ended) {
            throw new IOException(ended.getMessage(), ended);
        }
    }

    /** The FIFO of a container's stdin, and whether the container was told that no more comes. */
    private record Input(Container container, PolledFd fifo, AtomicBoolean ended) {}

    private void run(Container container, Client client, LogTap tap, Optional<Input> input)
            throws IOException {
        var id = container.id();
        var output = new CompletableFuture<Void>();
        var lost = new AtomicLong();
        boolean tty = container.config().getTty();
        // A selector, which would hold a virtual thread's carrier.
        var reader =
                Thread.ofPlatform()
                        .daemon()
                        .name("attach-" + id)
                        .start(
                                () ->
                                        follow(
                                                container,
                                                tap,
                                                client,
                                                new Following(tty, lost, output)));
        var inputEnded = new CompletableFuture<Void>();
        input.ifPresent(
                to ->
                        Thread.ofVirtual()
                                .name("attach-stdin-" + id)
                                .start(() -> feed(to, client, inputEnded)));
        if (container.brief().getTty()) {
            Thread.ofVirtual().name("attach-size-" + id).start(() -> resize(container, client));
        }
        try {
            var _ = CompletableFuture.anyOf(output, inputEnded, client.gone()).join();
        } catch (CompletionException cut) {
            throw new IOException(Capture.reason(cut), cut);
        } finally {
            reader.interrupt();
            join(reader);
        }
        if (lost.get() > 0) {
            throw new IOException(
                    "container %s: %d bytes of output were lost, as the client did not read them in time; the container's log has them"
                            .formatted(id, lost.get()));
        }
    }

    /** The reading of a container's output for one client. */
    private record Following(boolean tty, AtomicLong lost, CompletableFuture<Void> output) {}

    private static void join(Thread reader) {
        try {
            reader.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** The container's FIFO; nothing if it has no stdin, or has it no more. */
    private Optional<PolledFd> stdin(Container container) throws IOException {
        if (!container.brief().getStdin()) {
            return Optional.empty();
        }
        try {
            int flags = Flags.O_WRONLY | Flags.O_NONBLOCK | Flags.O_CLOEXEC | Flags.O_NOFOLLOW;
            var path = node.paths().stdin(container.id()).toString();
            return Optional.of(poller.watch(node.linux().openat(LinuxFd.AT_FDCWD, path, flags, 0)));
        } catch (LinuxException nobodyReads) {
            if (nobodyReads.errno() == Errno.ENXIO) {
                return Optional.empty();
            }
            throw nobodyReads;
        }
    }

    /** Goes on at the next writer where one was killed, and says so. */
    private void follow(Container container, LogTap first, Client client, Following following) {
        try {
            var tap = first;
            while (!followed(container.id(), tap, client, following)) {
                tell(
                        client,
                        "the log writer was killed; output may be missing here",
                        following.tty());
                tap = logs.tap(container);
            }
            following.output().complete(null);
        } catch (LogWriterException.Ended complete) { // the next writer had nothing to wait for
            following.output().complete(null);
        } catch (IOException | RuntimeException cut) {
            following.output().completeExceptionally(cut);
        }
    }

    /**
     * Copies until the output has ended; false if the writer was killed.
     *
     * @throws IOException also if the writer has ended without waiting for a slow client
     */
    private static boolean followed(ContainerId id, LogTap tap, Client client, Following following)
            throws IOException {
        try (tap) {
            while (true) {
                switch (next(tap)) {
                    case LogTap.Stdout(var bytes) -> client.writeStdout(bytes, bytes.length);
                    case LogTap.Stderr(var bytes) -> client.writeStderr(bytes, bytes.length);
                    case LogTap.Gap(var bytes) -> {
                        following.lost().addAndGet(bytes);
                        tell(
                                client,
                                "%d bytes of output left out, as they were not read in time"
                                        .formatted(bytes),
                                following.tty());
                    }
                    case LogTap.End _ -> {
                        return true;
                    }
                }
            }
        } catch (LogWriterException.Lost killed) {
            return false;
        } catch (LogWriterException.Ended impatient) {
            tell(
                    client,
                    "the rest of the output left out, as it was not read in time",
                    following.tty());
            throw new IOException(
                    "container %s: the end of its output was lost, as the client did not read it in time; the container's log has it"
                            .formatted(id),
                    impatient);
        }
    }

    private static LogTap.Frame next(LogTap tap) {
        while (true) {
            try {
                return tap.next(WAIT);
            } catch (LogWriterException.TimedOut quiet) {
                if (Thread.currentThread().isInterrupted()) {
                    throw quiet;
                }
            }
        }
    }

    private static void tell(Client client, String text, boolean tty) throws IOException {
        var bytes = ("berth: " + text + "\r\n").getBytes(StandardCharsets.UTF_8);
        if (tty) {
            client.writeStdout(bytes, bytes.length); // a terminal has no other output
        } else {
            client.writeStderr(bytes, bytes.length);
        }
    }

    private void feed(Input to, Client client, CompletableFuture<Void> ended) {
        try {
            var bytes = new byte[COPY_BYTES];
            for (int n = client.readStdin(bytes); n >= 0; n = client.readStdin(bytes)) {
                to.fifo().write(ByteBuffer.wrap(bytes, 0, n));
            }
            if (endsWithClient(to.container())) {
                end(to);
            } else {
                ended.complete(null);
            }
        } catch (IOException | RuntimeException cut) {
            // The container has ended or the client has; whichever it was ends the session.
            LOG.log(
                    Logger.Level.DEBUG,
                    "container={0} stdin: {1}",
                    to.container().id(),
                    cut.getMessage());
        }
    }

    /** As with containerd: only a stdin that is there for one client ends with it. */
    private static boolean endsWithClient(Container container) {
        return container.brief().getStdinOnce() && !container.brief().getTty();
    }

    /**
     * Ends the session's part in the container's stdin. A client that vanished has ended its input
     * as a client has that said so; the container would wait for the rest for ever.
     */
    private void leave(Input input) {
        var id = input.container().id();
        input.fifo().close();
        try {
            if (endsWithClient(input.container()) && runs(id)) {
                end(input);
            }
        } catch (IOException | RuntimeException stays) {
            LOG.log(
                    Logger.Level.INFO,
                    "container={0} stdin stays open: {1}",
                    id,
                    stays.getMessage());
        }
    }

    private boolean runs(ContainerId id) {
        return node.containers()
                .find(id)
                .filter(found -> found.state() instanceof ContainerState.Running)
                .isPresent();
    }

    /** Tells the container, once, that no more input comes. */
    private void end(Input input) throws IOException {
        if (!input.ended().compareAndSet(false, true)) {
            return;
        }
        input.fifo().close();
        var id = input.container().id().value();
        var shim = node.shims().require(input.container().sandbox());
        Operations.step(
                "container.stdin.close",
                id,
                () -> {
                    shim.closeIo(id, "");
                    return true;
                });
    }

    private void resize(Container container, Client client) {
        var id = container.id().value();
        try {
            for (var size = client.nextSize(); size.isPresent(); size = client.nextSize()) {
                var shim = node.shims().require(container.sandbox());
                int width = size.get().width();
                int height = size.get().height();
                Operations.step(
                        "container.resize",
                        id,
                        () -> {
                            shim.resize(id, "", width, height);
                            return true;
                        });
            }
        } catch (IOException | ShimException ended) {
            LOG.log(Logger.Level.DEBUG, "container={0} size: {1}", id, ended.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
