package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.linux.FdPoller;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.exit.HeldProcess;
import io.berth.sandbox.exit.ProcessEnd;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.sandbox.spec.ExecSpec;
import io.berth.shimclient.shim.ExecRequest;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskExit;
import io.berth.shimclient.shim.TaskState;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
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
    private final ProcessEnds ends;
    private final ExecKill kill;
    private final Container container;
    private final Shim shim;
    private final Wanted wanted;
    private final String execId = PREFIX + UUID.randomUUID();
    private final ExecStreams streams;
    private final CompletableFuture<TaskExit> exit = new CompletableFuture<>();
    private @Nullable TerminalInput terminal;
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

    private ExecProcess(
            Node node, ProcessEnds ends, Container container, Shim shim, Wanted wanted) {
        this.node = node;
        this.ends = ends;
        this.kill = ExecKill.in(node, container);
        this.container = container;
        this.shim = shim;
        this.wanted = wanted;
        this.streams = new ExecStreams(node, container.id(), execId);
    }

    /**
     * The container of an id, which must run, so that something can be run in it. Waits until its
     * pod is recovered: until then its record may be older than its process.
     */
    static Container runningContainer(Node node, String containerId) {
        node.adoptions().await(node.container(containerId).sandbox());
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

    /** Makes the FIFOs and starts the command in a {@link #runningContainer}. */
    static ExecProcess start(
            Node node, FdPoller poller, ProcessEnds ends, Container container, Wanted wanted)
            throws IOException {
        var shim = node.shims().require(container.sandbox());
        var process = new ExecProcess(node, ends, container, shim, wanted);
        try {
            process.streams.open(poller, wanted);
            process.run();
            return process;
        } catch (IOException | RuntimeException failure) {
            process.close();
            throw failure;
        }
    }

    private void run() throws IOException {
        var config = node.paths().bundle(container.id()).resolve("config.json");
        var process =
                ExecSpec.process(Files.readAllBytes(config), wanted.command(), wanted.terminal());
        var io = streams.io(wanted.terminal());
        Operations.step(
                "exec.create",
                execId,
                () -> {
                    created = true; // perhaps, if it fails: its removal takes absence as success
                    shim.exec(task(), execId, new ExecRequest(ByteString.copyFrom(process), io));
                    return true;
                });
        runs(Operations.step("exec.start", execId, () -> shim.startExec(task(), execId)));
    }

    private void runs(int itsPid) {
        pid = itsPid;
        started = true;
        if (wanted.terminal()) {
            var fifo = streams.stdin().orElseThrow();
            terminal = new TerminalInput(node.linux(), pid, fifo, exit);
        }
        var held = kill.isHere() ? ends.hold(shim, pid) : HeldProcess.unknown();
        Thread.ofVirtual().name(execId).start(() -> awaitExit(held));
    }

    /** A start that was not answered may have begun all the same. */
    private void findStarted() {
        try {
            var state = shim.state(task(), execId);
            if (state.status() == TaskState.Status.RUNNING) {
                runs(state.pid());
            }
        } catch (ShimException none) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", execId, none.getMessage());
        }
    }

    private String task() {
        return container.id().value();
    }

    private void awaitExit(HeldProcess held) {
        try (held) {
            var end = ends.await(shim, task(), execId, held);
            if (end.code().isPresent()) {
                exit.complete(new TaskExit(end.code().getAsInt(), end.at()));
            } else {
                exit.completeExceptionally(
                        new SandboxException.Failed(execId + ": " + ProcessEnd.LOST));
            }
        } catch (RuntimeException lost) {
            exit.completeExceptionally(lost);
        }
    }

    String id() {
        return execId;
    }

    /** Hands input over, as the command reads it. */
    void writeStdin(byte[] bytes, int length) throws IOException {
        if (terminal != null) {
            terminal.write(bytes, length);
        } else {
            streams.stdin().orElseThrow().write(ByteBuffer.wrap(bytes, 0, length));
        }
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
            if (e.getCause() instanceof SandboxException lost) {
                throw lost;
            }
            throw new IOException(execId + ": " + e.getCause(), e);
        }
    }

    ExecStreams streams() {
        return streams;
    }

    /**
     * The command reads the end of its input. Not for a terminal: with its input a shim closes the
     * terminal itself, and what the command still says would be lost.
     */
    void closeStdin() throws IOException {
        if (!wanted.terminal() && !exit.isDone()) {
            endInput();
        }
    }

    /** Closes both writing ends of its input: ours, and the one that the shim holds. Once. */
    private void endInput() throws IOException {
        synchronized (this) {
            if (streams.stdin().isEmpty() || stdinClosed) {
                return;
            }
            stdinClosed = true;
        }
        streams.stdin().get().close();
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
                    kill.kill(shim, task(), execId, pid);
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
        if (created && !started) {
            findStarted();
        }
        try {
            if (started && !exit.isDone()) {
                if (terminal != null) {
                    terminal.stop();
                }
                kill();
            }
        } catch (IOException | ShimException stays) {
            warn("not killed", stays);
        }
        try {
            remove();
        } catch (IOException stays) {
            warn("its FIFOs stay until the container goes", stays);
        } finally {
            streams.close();
            if (terminal != null) {
                terminal.close();
            }
        }
    }

    private void warn(String what, Exception why) {
        LOG.log(
                Logger.Level.WARNING,
                "container={0} {1} {2}: {3}",
                container.id(),
                execId,
                what,
                why.getMessage());
    }

    /**
     * The shim's copies have to come to their ends by themselves: of its input when no writer is
     * left, of its output when all is read. One that hangs keeps its descriptors in the shim.
     */
    private void remove() throws IOException {
        if (created) {
            tellEndOfInput();
        }
        if (started) {
            streams.dropRest();
        }
        Operations.step(
                "exec.remove",
                execId,
                () -> {
                    if (created && !delete()) {
                        return false;
                    }
                    streams.awaitEnds();
                    streams.remove();
                    return true;
                });
    }

    /** A removal alone makes no shim close a terminal's input. */
    private void tellEndOfInput() {
        try {
            endInput();
        } catch (IOException | ShimException gone) {
            LOG.log(Logger.Level.DEBUG, "{0} stdin: {1}", execId, gone.getMessage());
        }
    }

    /** False if this daemon ends: by the FIFOs the next one finds it, see AbandonedExecs. */
    private boolean delete() {
        try {
            var _ = shim.delete(task(), execId);
        } catch (ShimException.GivenUp ours) {
            LOG.log(
                    Logger.Level.DEBUG,
                    "{0} left to the next daemon: {1}",
                    execId,
                    ours.getMessage());
            return false;
        } catch (ShimException gone) {
            LOG.log(Logger.Level.DEBUG, "{0}: {1}", execId, gone.getMessage());
        }
        return true;
    }
}
