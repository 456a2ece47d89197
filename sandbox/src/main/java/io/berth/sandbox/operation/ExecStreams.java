package io.berth.sandbox.operation;

import io.berth.linux.FdPoller;
import io.berth.linux.Flags;
import io.berth.linux.LinuxFd;
import io.berth.linux.PolledFd;
import io.berth.sandbox.container.ContainerId;
import io.berth.shimclient.shim.TaskIo;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The FIFOs between a further process of a container and whoever opened it. */
final class ExecStreams implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ExecStreams.class.getName());
    private static final int REST_BYTES = 8 << 10;

    /** How long the shim may take to hand over the last output after its process is removed. */
    private static final Duration LAST_OUTPUT = Duration.ofSeconds(5);

    private final Node node;
    private final ContainerId container;
    private final String execId;
    private final List<Path> fifos = new ArrayList<>();
    private final List<PolledFd> open = new ArrayList<>();
    private final List<Thread> rest = new ArrayList<>();
    private @Nullable PolledFd stdin;
    private @Nullable PolledFd stdout;
    private @Nullable PolledFd stderr;

    ExecStreams(Node node, ContainerId container, String execId) {
        this.node = node;
        this.container = container;
        this.execId = execId;
    }

    /** Makes the FIFOs and opens our ends. */
    void open(FdPoller poller, ExecProcess.Wanted wanted) throws IOException {
        // The end of a terminal's input is where a shim closes the terminal: without any input it
        // would keep its descriptor until its garbage is collected.
        var in =
                wanted.stdin() || wanted.terminal()
                        ? Optional.of(fifo("in"))
                        : Optional.<Path>empty();
        var out = fifo("out");
        var err = wanted.terminal() ? Optional.<Path>empty() : Optional.of(fifo("err"));
        Operations.step(
                "exec.fifo.create",
                execId,
                () -> {
                    for (var fifo : fifos) {
                        node.files().mkfifo(fifo, 0600);
                    }
                    return true;
                });
        stdout = watch(poller, out, Flags.O_RDONLY);
        if (err.isPresent()) {
            stderr = watch(poller, err.get(), Flags.O_RDONLY);
        }
        if (in.isPresent()) {
            // With our own reading end it opens before the shim's reader, and is never broken.
            stdin = watch(poller, in.get(), Flags.O_RDWR);
        }
    }

    private Path fifo(String end) {
        var path = node.paths().io(container).resolve(execId + "-" + end);
        fifos.add(path);
        return path;
    }

    private PolledFd watch(FdPoller poller, Path fifo, int access) throws IOException {
        var fd =
                node.linux()
                        .openat(
                                LinuxFd.AT_FDCWD,
                                fifo.toString(),
                                access | Flags.O_NONBLOCK | Flags.O_CLOEXEC | Flags.O_NOFOLLOW,
                                0);
        var polled = poller.watch(fd);
        open.add(polled);
        return polled;
    }

    /** What the shim is told of them. */
    TaskIo io(boolean terminal) {
        return new TaskIo(path("-in"), path("-out"), path("-err"), terminal);
    }

    /** The path of a FIFO that was made, or nothing. */
    private String path(String end) {
        return fifos.stream()
                .map(Path::toString)
                .filter(path -> path.endsWith(end))
                .findFirst()
                .orElse("");
    }

    PolledFd stdout() {
        return Objects.requireNonNull(stdout);
    }

    Optional<PolledFd> stderr() {
        return Optional.ofNullable(stderr);
    }

    Optional<PolledFd> stdin() {
        return Optional.ofNullable(stdin);
    }

    /** Begins to read and drop what nobody wants any more. */
    void dropRest() {
        for (var output : open) {
            if (output != stdin) {
                rest.add(Thread.ofVirtual().name(execId + "-rest").start(() -> drop(output)));
            }
        }
    }

    private void drop(PolledFd output) {
        var bytes = ByteBuffer.allocate(REST_BYTES);
        try {
            while (output.read(bytes.clear()) >= 0) {
                // nobody is there to take it
            }
        } catch (IOException closed) {
            LOG.log(Logger.Level.DEBUG, "{0} output: {1}", execId, closed.getMessage());
        }
    }

    /** Waits until the rest has been read to its end; not for ever. */
    void awaitEnds() throws IOException {
        long until = System.nanoTime() + LAST_OUTPUT.toNanos();
        try {
            for (var each : rest) {
                if (!each.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())))) {
                    LOG.log(
                            Logger.Level.WARNING,
                            "container={0} {1} its output is open in the shim {2} after its removal",
                            container,
                            execId,
                            LAST_OUTPUT);
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException(execId + ": removal").initCause(stop);
        }
    }

    /** Closes our ends and removes the FIFOs; needs an open step. */
    void remove() throws IOException {
        close();
        for (var fifo : fifos) {
            node.files().deleteIfExists(fifo);
        }
    }

    /** Closes our ends. */
    @Override
    public void close() {
        open.forEach(PolledFd::close);
    }
}
