package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.linux.FdPoller;
import io.berth.linux.Flags;
import io.berth.linux.LinuxFd;
import io.berth.linux.PolledFd;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.spec.ExecSpec;
import io.berth.shimclient.shim.ExecRequest;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskExit;
import io.berth.shimclient.shim.TaskIo;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A further process in a container, held by whoever opened it: from its FIFOs, over its run, to its
 * removal. Closing it leaves nothing, wherever it stood; a process that still runs is killed with
 * its children.
 */
final class ExecProcess implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ExecProcess.class.getName());

    /** What its FIFOs' names begin with. */
    static final String PREFIX = "exec-";

    private final Node node;
    private final Container container;
    private final Shim shim;
    private final Wanted wanted;
    private final String execId = PREFIX + UUID.randomUUID();
    private final List<Path> fifos = new ArrayList<>();
    private final List<PolledFd> open = new ArrayList<>();
    private final CompletableFuture<TaskExit> exit = new CompletableFuture<>();
    private @Nullable PolledFd stdin;
    private @Nullable PolledFd stdout;
    private @Nullable PolledFd stderr;
    private boolean created;
    private boolean started;
    private int pid;
    private boolean stdinClosed;

    /**
     * What to run.
     *
     * @param terminal one pseudo-terminal for all streams; there is no stderr then
     */
    record Wanted(List<String> command, boolean terminal, boolean stdin) {}

    private ExecProcess(Node node, Container container, Shim shim, Wanted wanted) {
        this.node = node;
        this.container = container;
        this.shim = shim;
        this.wanted = wanted;
    }

    /** The container of an id, which must run, so that something can be run in it. */
    static Container runningContainer(Node node, String containerId) {
        var container = node.container(containerId);
        if (!(container.state() instanceof ContainerState.Running)) {
            throw new SandboxException.WrongState(
                    "container %s: is %s, a running one is wanted"
                            .formatted(container.id(), container.state().word()));
        }
        return container;
    }

    static void requireCommand(List<String> command) {
        if (command.isEmpty()) {
            throw new SandboxException.InvalidRequest("cmd: found nothing, wanted a command");
        }
    }

    /** Makes the FIFOs and starts the command. */
    static ExecProcess start(Node node, FdPoller poller, Container container, Wanted wanted)
            throws IOException {
        node.adoptions().await(container.sandbox());
        var shim = node.shims().require(container.sandbox());
        var process = new ExecProcess(node, container, shim, wanted);
        try {
            process.open(poller);
            process.run();
            return process;
        } catch (IOException | RuntimeException failure) {
            process.close();
            throw failure;
        }
    }

    private void open(FdPoller poller) throws IOException {
        var in = wanted.stdin() ? Optional.of(fifo("in")) : Optional.<Path>empty();
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
        var path = node.paths().io(container.id()).resolve(execId + "-" + end);
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

    private void run() throws IOException {
        var config = node.paths().bundle(container.id()).resolve("config.json");
        var process =
                ExecSpec.process(Files.readAllBytes(config), wanted.command(), wanted.terminal());
        var io = new TaskIo(path("-in"), path("-out"), path("-err"), wanted.terminal());
        Operations.step(
                "exec.create",
                execId,
                () -> {
                    created = true; // perhaps, if it fails: its removal takes absence as success
                    shim.exec(task(), execId, new ExecRequest(ByteString.copyFrom(process), io));
                    return true;
                });
        pid = Operations.step("exec.start", execId, () -> shim.startExec(task(), execId));
        started = true;
        Thread.ofVirtual().name(execId).start(this::awaitExit);
    }

    /** The path of a FIFO that was made, or nothing. */
    private String path(String end) {
        return fifos.stream()
                .map(Path::toString)
                .filter(path -> path.endsWith(end))
                .findFirst()
                .orElse("");
    }

    private String task() {
        return container.id().value();
    }

    private void awaitExit() {
        try {
            exit.complete(shim.waitFor(task(), execId));
        } catch (RuntimeException lost) {
            exit.completeExceptionally(lost);
        }
    }

    String id() {
        return execId;
    }

    /** Completes with the command's end, or with the shim's. */
    CompletableFuture<TaskExit> exit() {
        return exit;
    }

    /** How it ended, once it has. */
    TaskExit ended() throws IOException {
        try {
            return exit.get();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(execId + ": interrupted", stop);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ShimException lost) {
                throw lost;
            }
            throw new IOException(execId + ": " + e.getCause(), e);
        }
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

    /** The command reads the end of its input. */
    void closeStdin() throws IOException {
        synchronized (this) {
            if (stdin == null || stdinClosed || exit.isDone()) {
                return;
            }
            stdinClosed = true;
        }
        stdin.close();
        Operations.step(
                "exec.stdin.close",
                execId,
                () -> {
                    shim.closeIo(task(), execId);
                    return true;
                });
    }

    void resize(int width, int height) throws IOException {
        Operations.step(
                "exec.resize",
                execId,
                () -> {
                    shim.resize(task(), execId, width, height);
                    return true;
                });
    }

    /** Kills the command and its children, and waits for its end as long as is configured. */
    void kill() throws IOException {
        var stubborn = node.settings().timeouts().kill();
        Operations.step(
                "exec.kill",
                execId,
                () -> {
                    new DescendantKill(node.linux()).kill(pid);
                    return true;
                });
        try {
            var _ = exit.get(stubborn.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} not seen to end {2} after SIGKILL: {3}",
                    container.id(),
                    execId,
                    stubborn,
                    String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends what still runs and removes everything; failures are warnings. */
    @Override
    public void close() {
        try {
            if (started && !exit.isDone()) {
                kill();
            }
        } catch (IOException stays) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} not killed: {2}",
                    container.id(),
                    execId,
                    stays.getMessage());
        }
        if (stdin != null) {
            stdin.close(); // so that the shim's reader finds the end
        }
        try {
            Operations.step(
                    "exec.remove",
                    execId,
                    () -> {
                        // Its output is still read meanwhile: the shim first hands over what it
                        // has.
                        if (created) {
                            delete();
                        }
                        open.forEach(PolledFd::close);
                        for (var fifo : fifos) {
                            node.files().deleteIfExists(fifo);
                        }
                        return true;
                    });
        } catch (IOException stays) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} its FIFOs stay until the container goes: {2}",
                    container.id(),
                    execId,
                    stays.getMessage());
        } finally {
            open.forEach(PolledFd::close);
        }
    }

    private void delete() {
        try {
            var _ = shim.delete(task(), execId);
        } catch (ShimException gone) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", execId, gone.getMessage());
        }
    }
}
