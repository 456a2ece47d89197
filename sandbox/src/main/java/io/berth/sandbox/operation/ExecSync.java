package io.berth.sandbox.operation;

import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.ExecSyncResponse;
import io.berth.linux.FdPoller;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.sandbox.output.AnswerRoom;
import io.berth.sandbox.output.Spools;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.shimclient.shim.ShimException;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command in a container and returns its output and exit code. At the timeout, or when its
 * caller has given up, the command and its children are killed. Output beyond 16 MiB is dropped,
 * since neither kubelet nor crictl takes a longer answer; a child that keeps the output open is
 * waited for only the configured time, for both streams together. Long answers go out one after the
 * other, as their callers read them.
 */
final class ExecSync {
    private static final Logger LOG = System.getLogger(ExecSync.class.getName());

    /** Of one stream; what the kubelet and crictl take of one message, less the rest of it. */
    static final int MAX_OUTPUT_BYTES = (16 << 20) - 1024;

    private static final String LEFT = "killed, as its caller left";

    private static final int MAX_HALF_BYTES = MAX_OUTPUT_BYTES / 2;

    /** The part of the heap that answers of commands may take together. */
    private static final int HEAP_PART = 6;

    /** Answers shorter than this go out whatever else does. */
    private static final int SMALL_BYTES = 64 << 10;

    /** How long a command's answer waits until callers have read those before it. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** What an answer may take beyond the command's timeout. */
    private static final Duration MARGIN = Duration.ofSeconds(3);

    private final Node node;
    private final FdPoller poller;
    private final ProcessEnds ends;
    private final Spools spools;
    private final AnswerRoom room =
            new AnswerRoom(
                    Math.min(2L * MAX_OUTPUT_BYTES, Runtime.getRuntime().maxMemory() / HEAP_PART));

    ExecSync(Node node, FdPoller poller, ProcessEnds ends) {
        this.node = node;
        this.poller = poller;
        this.ends = ends;
        this.spools =
                new Spools(node.linux(), node.paths().sandboxFolder(), MemoryBudget.ofThisHeap());
    }

    ExecSyncResponse run(ExecSyncRequest request) {
        FieldPolicy.check(request);
        ExecProcess.requireCommand(request.getCmdList());
        var container = ExecProcess.runningContainer(node, request.getContainerId());
        return request.getTimeout() > 0
                ? runWithin(container, request)
                : runNamed(container, request);
    }

    /**
     * Answers at the deadline whatever the shim does; what is left of the command is ended beside
     * that. The margin is for the kill and the removal of a command that was seen to be late.
     */
    private ExecSyncResponse runWithin(Container container, ExecSyncRequest request) {
        var answer = new CompletableFuture<ExecSyncResponse>();
        Runnable work =
                () -> {
                    try {
                        answer.complete(runNamed(container, request));
                    } catch (Throwable failure) {
                        answer.completeExceptionally(failure);
                    }
                };
        Runnable bound = CallEnd.SIGNAL.isBound() ? bound(CallEnd.SIGNAL.get(), work) : work;
        Thread.ofVirtual().name("exec-sync-" + container.id()).start(bound);
        try {
            return answer.get(
                    TimeUnit.SECONDS.toMillis(request.getTimeout()) + MARGIN.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new SandboxException.TimedOut(
                    "container %s: command %s: no end within its timeout of %d s; its shim does not answer or is slow, and what is left of the command is ended later"
                            .formatted(
                                    container.id(),
                                    request.getCmdList().getFirst(),
                                    request.getTimeout()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SandboxException.Failed(
                    "container %s: interrupted while a command ran".formatted(container.id()), e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private static Runnable bound(CompletableFuture<@Nullable Void> over, Runnable work) {
        return () -> ScopedValue.where(CallEnd.SIGNAL, over).run(work);
    }

    private ExecSyncResponse runNamed(Container container, ExecSyncRequest request) {
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
        try (var process = ExecProcess.start(node, poller, ends, container, wanted);
                var out = Capture.of(process.streams().stdout(), spools, process.id() + "-out");
                var err =
                        Capture.of(
                                process.streams().stderr().orElseThrow(),
                                spools,
                                process.id() + "-err")) {
            await(container, process, request, CompletableFuture.allOf(out.ended(), err.ended()));
            var exit = process.ended();
            drain(container, process, out, err);
            return answer(out, err, exit.status());
        }
    }

    /** The answer, once what is in memory of others leaves room for it. */
    private ExecSyncResponse answer(Capture out, Capture err, int status) throws IOException {
        var lengths = Lengths.of(out.size(), err.size());
        if (lengths.sum() > SMALL_BYTES && CallEnd.SIGNAL.isBound()) {
            var over = CallEnd.SIGNAL.get();
            var place = room.take(lengths.sum(), over, PATIENCE);
            var _ = over.thenRun(place::close);
        }
        return ExecSyncResponse.newBuilder()
                .setStdout(out.first(lengths.out()))
                .setStderr(err.first(lengths.err()))
                .setExitCode(status)
                .build();
    }

    /** How much of either stream one message takes: if both do not fit, at least half of it. */
    record Lengths(int out, int err) {
        static Lengths of(int outSize, int errSize) {
            int err = Math.min(errSize, Math.max(MAX_OUTPUT_BYTES - outSize, MAX_HALF_BYTES));
            return new Lengths(Math.min(outSize, MAX_OUTPUT_BYTES - err), err);
        }

        int sum() {
            return out + err;
        }
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
        if (CallEnd.SIGNAL.isBound()) {
            var _ =
                    CallEnd.SIGNAL
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
