package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.ExecSyncResponse;
import io.berth.linux.FdPoller;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.shimclient.shim.ShimException;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs a command in a container and returns its output and exit code. At the timeout, or when its
 * caller has given up, the command and its children are killed. Output beyond 16 MiB is dropped,
 * since neither kubelet nor crictl takes a longer answer; a child that keeps the output open is
 * waited for only the configured time, for both streams together.
 */
final class ExecSync {
    private static final Logger LOG = System.getLogger(ExecSync.class.getName());

    /** Of one stream; what the kubelet and crictl take of one message, less the rest of it. */
    static final int MAX_OUTPUT_BYTES = (16 << 20) - 1024;

    private static final String LEFT = "killed, as its caller left";

    private static final int MAX_HALF_BYTES = MAX_OUTPUT_BYTES / 2;

    private final Node node;
    private final FdPoller poller;
    private final OutputBudget budget = new OutputBudget();

    ExecSync(Node node, FdPoller poller) {
        this.node = node;
        this.poller = poller;
    }

    ExecSyncResponse run(ExecSyncRequest request) {
        FieldPolicy.check(request);
        ExecProcess.requireCommand(request.getCmdList());
        var container = ExecProcess.runningContainer(node, request.getContainerId());
        try {
            return run(container, request);
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

    private ExecSyncResponse run(Container container, ExecSyncRequest request) throws IOException {
        var wanted = new ExecProcess.Wanted(request.getCmdList(), false, false);
        try (var process = ExecProcess.start(node, poller, container, wanted);
                var out = Capture.of(process.streams().stdout(), budget, process.id() + "-out");
                var err =
                        Capture.of(
                                process.streams().stderr().orElseThrow(),
                                budget,
                                process.id() + "-err")) {
            await(container, process, request, CompletableFuture.allOf(out.ended(), err.ended()));
            var exit = process.ended();
            drain(container, process, out, err);
            return answer(out.bytes(), err.bytes(), exit.status());
        }
    }

    /** Both in one message: if they do not fit, either has at least half of it. */
    static ExecSyncResponse answer(ByteString out, ByteString err, int status) {
        int errors = Math.min(err.size(), Math.max(MAX_OUTPUT_BYTES - out.size(), MAX_HALF_BYTES));
        int output = Math.min(out.size(), MAX_OUTPUT_BYTES - errors);
        return ExecSyncResponse.newBuilder()
                .setStdout(out.substring(0, output))
                .setStderr(err.substring(0, errors))
                .setExitCode(status)
                .build();
    }

    /**
     * Waits for the command's end; output that cannot be held ends it, as the timeout does, and as
     * a caller does who waits no longer.
     */
    private static void await(
            Container container,
            ExecProcess process,
            ExecSyncRequest request,
            CompletableFuture<Void> output)
            throws IOException {
        var cut = new CompletableFuture<Object>();
        var _ =
                output.exceptionally(
                        failure -> {
                            cut.completeExceptionally(failure);
                            return null;
                        });
        if (CallerLeft.SIGNAL.isBound()) {
            var _ =
                    CallerLeft.SIGNAL
                            .get()
                            .thenRun(() -> cut.completeExceptionally(new IOException(LEFT)));
        }
        var either = CompletableFuture.anyOf(process.exit(), cut);
        try {
            if (request.getTimeout() <= 0) {
                var _ = either.get();
            } else {
                var _ = either.get(request.getTimeout(), TimeUnit.SECONDS);
            }
        } catch (TimeoutException e) {
            process.kill();
            throw new SandboxException.TimedOut(
                    "container %s: command %s: killed, as it ran longer than its timeout of %d s"
                            .formatted(
                                    container.id(),
                                    request.getCmdList().getFirst(),
                                    request.getTimeout()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(LEFT, e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ShimException lost) {
                throw lost;
            }
            throw new IOException(Capture.reason(e), e);
        }
    }

    private void drain(Container container, ExecProcess process, Capture out, Capture err)
            throws IOException {
        var limit = node.settings().timeouts().execDrain();
        long until = System.nanoTime() + limit.toNanos();
        boolean whole = out.await(limit);
        whole &= err.await(Duration.ofNanos(until - System.nanoTime()));
        if (!whole) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} a child keeps its output open; answered without it",
                    container.id(),
                    process.id());
        }
        if (out.dropped() || err.dropped() || out.size() + err.size() > MAX_OUTPUT_BYTES) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} {1} output over {2} bytes dropped",
                    container.id(),
                    process.id(),
                    Integer.toString(MAX_OUTPUT_BYTES));
        }
    }
}
