package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.ExecSyncResponse;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.spec.ExecSpec;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.shimclient.shim.ExecRequest;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskExit;
import io.berth.shimclient.shim.TaskIo;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs a command in a container and returns its output and exit code. At the timeout the command
 * and its children are killed. Output beyond 16 MiB a stream is dropped; a child that keeps the
 * output open is waited for only the configured time.
 */
final class ExecSync {
    private static final Logger LOG = System.getLogger(ExecSync.class.getName());
    private static final int MAX_OUTPUT_BYTES = 16 << 20;
    private static final int SIGKILL = 9;

    private final Node node;
    private final FifoReader fifos;

    ExecSync(Node node, FifoReader fifos) {
        this.node = node;
        this.fifos = fifos;
    }

    /** One command under way. */
    private record Running(
            Container container, String execId, Shim shim, Path stdout, Path stderr) {
        String task() {
            return container.id().value();
        }
    }

    ExecSyncResponse run(ExecSyncRequest request) {
        FieldPolicy.check(request);
        if (request.getCmdList().isEmpty()) {
            throw new SandboxException.InvalidRequest("cmd: found nothing, wanted a command");
        }
        var container = node.container(request.getContainerId());
        if (!(container.state() instanceof ContainerState.Running)) {
            throw new SandboxException.WrongState(
                    "container %s: is %s, a running one is wanted"
                            .formatted(container.id(), container.state().word()));
        }
        node.adoptions().await(container.sandbox());
        var execId = "exec-" + UUID.randomUUID();
        var io = node.paths().io(container.id());
        var running =
                new Running(
                        container,
                        execId,
                        node.shims().require(container.sandbox()),
                        io.resolve(execId + "-out"),
                        io.resolve(execId + "-err"));
        try {
            return run(running, request);
        } catch (IOException | ShimException e) {
            throw new SandboxException.Failed(
                    "container %s: command %s: %s"
                            .formatted(
                                    container.id(),
                                    request.getCmdList().getFirst(),
                                    e.getMessage()),
                    e);
        }
    }

    private ExecSyncResponse run(Running exec, ExecSyncRequest request) throws IOException {
        try {
            Operations.step("exec.fifo.create", exec.execId(), () -> makeFifos(exec));
            try (var out = fifos.open(exec.stdout(), MAX_OUTPUT_BYTES);
                    var err = fifos.open(exec.stderr(), MAX_OUTPUT_BYTES)) {
                var pid = start(exec, request);
                var exit = await(exec, pid, request);
                drain(exec, out);
                drain(exec, err);
                return ExecSyncResponse.newBuilder()
                        .setStdout(ByteString.copyFrom(out.bytes()))
                        .setStderr(ByteString.copyFrom(err.bytes()))
                        .setExitCode(exit.status())
                        .build();
            }
        } finally {
            remove(exec);
        }
    }

    private boolean makeFifos(Running exec) throws IOException {
        node.files().mkfifo(exec.stdout(), 0600);
        node.files().mkfifo(exec.stderr(), 0600);
        return true;
    }

    private int start(Running exec, ExecSyncRequest request) throws IOException {
        var config = node.paths().bundle(exec.container().id()).resolve("config.json");
        var process = ExecSpec.process(Files.readAllBytes(config), request.getCmdList());
        var io = new TaskIo("", exec.stdout().toString(), exec.stderr().toString(), false);
        Operations.step(
                "exec.create",
                exec.execId(),
                () -> {
                    exec.shim()
                            .exec(
                                    exec.task(),
                                    exec.execId(),
                                    new ExecRequest(ByteString.copyFrom(process), io));
                    return true;
                });
        return Operations.step(
                "exec.start",
                exec.execId(),
                () -> exec.shim().startExec(exec.task(), exec.execId()));
    }

    private TaskExit await(Running exec, int pid, ExecSyncRequest request) throws IOException {
        var exit = new CompletableFuture<TaskExit>();
        Thread.ofVirtual()
                .name(exec.execId())
                .start(
                        () -> {
                            try {
                                exit.complete(exec.shim().waitFor(exec.task(), exec.execId()));
                            } catch (RuntimeException failure) {
                                exit.completeExceptionally(failure);
                            }
                        });
        try {
            if (request.getTimeout() <= 0) {
                return exit.join();
            }
            return exit.get(request.getTimeout(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            kill(exec, pid);
            throw new SandboxException.TimedOut(
                    "container %s: command %s: killed, as it ran longer than its timeout of %s"
                            .formatted(
                                    exec.container().id(),
                                    request.getCmdList().getFirst(),
                                    Duration.ofSeconds(request.getTimeout())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill(exec, pid);
            throw new IOException("killed, as its caller left", e);
        } catch (ExecutionException | CompletionException e) {
            if (e.getCause() instanceof ShimException failure) {
                throw failure;
            }
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }

    private void kill(Running exec, int pid) throws IOException {
        // The children first: once the command is gone, nothing leads to them.
        var children = ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants).toList();
        Operations.step(
                "exec.kill",
                exec.execId(),
                () -> {
                    try {
                        exec.shim().kill(exec.task(), exec.execId(), SIGKILL, false);
                    } catch (ShimException.NotFound gone) {
                        LOG.log(Logger.Level.DEBUG, "{0} ended by itself", exec.execId());
                    }
                    children.forEach(ProcessHandle::destroyForcibly);
                    return true;
                });
        try {
            var _ =
                    CompletableFuture.supplyAsync(
                                    () -> exec.shim().waitFor(exec.task(), exec.execId()),
                                    task -> Thread.ofVirtual().start(task))
                            .get(
                                    node.settings().timeouts().kill().toMillis(),
                                    TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} not seen to end: {2}",
                    exec.container().id(),
                    exec.execId(),
                    String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drain(Running exec, FifoReader.Capture capture) {
        try {
            capture.ended()
                    .get(node.settings().timeouts().execDrain().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} a child keeps its output open; answered without it",
                    exec.container().id(),
                    exec.execId());
        } catch (ExecutionException e) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} output cut: {2}",
                    exec.container().id(),
                    exec.execId(),
                    String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (capture.dropped()) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} output over {2} bytes dropped",
                    exec.container().id(),
                    exec.execId(),
                    Integer.toString(MAX_OUTPUT_BYTES));
        }
    }

    private void remove(Running exec) {
        try {
            Operations.step(
                    "exec.remove",
                    exec.execId(),
                    () -> {
                        try {
                            var _ = exec.shim().delete(exec.task(), exec.execId());
                        } catch (ShimException gone) {
                            LOG.log(
                                    Logger.Level.DEBUG,
                                    "{0}: {1}",
                                    exec.execId(),
                                    gone.getMessage());
                        }
                        node.files().deleteIfExists(exec.stdout());
                        return node.files().deleteIfExists(exec.stderr());
                    });
        } catch (IOException e) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} its FIFOs stay until the container goes: {2}",
                    exec.container().id(),
                    exec.execId(),
                    e.getMessage());
        }
    }
}
