package io.berth.sandbox.shim;

import io.berth.sandbox.exit.HeldProcess;
import io.berth.sandbox.exit.ProcessEnd;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskState;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends tasks for good. The shim and its OCI runtime are asked first; what either does not do is
 * done without it, by the task's cgroup and by the shim's {@code delete}, and the log says which of
 * them failed and how.
 */
public final class Tasks {
    private static final Logger LOG = System.getLogger(Tasks.class.getName());
    private static final int SIGKILL = 9;

    /** How long a SIGKILL through the runtime may take before the cgroup is killed as well. */
    private static final Duration BY_RUNTIME = Duration.ofSeconds(5);

    private final PodShims shims;
    private final ProcessEnds ends;
    private final TaskRemains remains;
    private final Duration killLimit;

    /** Of containers that are still there; what a restart forgets is looked for instead. */
    private final Set<String> forgotten = ConcurrentHashMap.newKeySet();

    /**
     * @param killLimit from SIGKILL to the end of a process
     */
    public Tasks(PodShims shims, ProcessEnds ends, TaskRemains remains, Duration killLimit) {
        this.shims = shims;
        this.ends = ends;
        this.remains = remains;
        this.killLimit = killLimit;
    }

    /**
     * Says that a task's shim and its OCI runtime have forgotten it, after it had ended by itself.
     * Its container must still be there, so that {@link #end} is yet to come.
     */
    public void forgotten(String taskId) {
        forgotten.add(taskId);
    }

    /**
     * Kills a task and makes its shim and its OCI runtime forget it. A task that is gone is
     * success, if neither of both knows it; one whose shim or whose runtime is of no use, or that
     * the runtime alone knows, is cleaned up without. Of one that is known to be forgotten nobody
     * is asked: the pod's shim may have gone since.
     *
     * @throws IOException if a process of the task does not end in the configured time
     */
    public void end(SandboxId sandbox, String taskId, String handler) throws IOException {
        if (forgotten.remove(taskId)) {
            return;
        }
        try {
            var shim = shims.reach(sandbox);
            if (shim.isPresent() && endIn(shim.get(), taskId, handler)) {
                return;
            }
        } catch (ShimException.NotFound gone) {
            if (!shims.knownToRuntime(handler, taskId)) {
                return;
            }
            // A shim that was cut in its Create forgets the task, not so the runtime.
            LOG.log(
                    Logger.Level.INFO,
                    "sandbox={0} task={1} unknown to its shim, known to its OCI runtime: ended",
                    sandbox,
                    taskId);
        } catch (ShimException.ShimLost | ShimException.TimedOut useless) {
            if (endAfterRestore(sandbox, taskId, handler)) {
                return;
            }
            // The connection stays: the pod's other containers are watched through it.
            LOG.log(
                    Logger.Level.WARNING,
                    "sandbox={0} task={1} ended without its shim: {2}",
                    sandbox,
                    taskId,
                    useless.getMessage());
        }
        endWithout(sandbox, taskId, handler);
    }

    /**
     * A shim waits for a restore that hangs; false if there is none, or the shim keeps the task.
     */
    private boolean endAfterRestore(SandboxId sandbox, String taskId, String handler)
            throws IOException {
        if (!shims.endRestore(taskId)) {
            return false;
        }
        try {
            var shim = shims.reach(sandbox);
            return shim.isPresent() && endIn(shim.get(), taskId, handler);
        } catch (ShimException.GivenUp ours) {
            throw ours;
        } catch (ShimException useless) {
            LOG.log(Logger.Level.DEBUG, "task={0} {1}", taskId, useless.getMessage());
            return false;
        }
    }

    /** By the cgroup and the shim's {@code delete}, of which the former alone must do its part. */
    private void endWithout(SandboxId sandbox, String taskId, String handler) throws IOException {
        boolean here = shims.mayBeRunc(handler);
        if (here) {
            var _ = shims.endRestore(taskId);
            remains.kill(taskId);
        }
        try {
            shims.forceDelete(sandbox, taskId, handler);
        } catch (ShimException.GivenUp ours) {
            throw ours;
        } catch (IOException | ShimException refused) {
            if (!here) {
                throw refused;
            }
            LOG.log(
                    Logger.Level.WARNING,
                    "task={0} its processes are killed; its OCI runtime did not clean up: {1}",
                    taskId,
                    refused.getMessage());
        }
        if (here) {
            remains.kill(taskId); // what the runtime was about to start
            shims.forgetRuntimeState(handler, taskId);
        }
    }

    /** False if the shim or the runtime keeps something of the task. */
    private boolean endIn(Shim shim, String taskId, String handler) throws IOException {
        var state = shim.state(taskId, "");
        if (waitsToBeRestored(state)) {
            var _ = shim.delete(taskId, "");
            return true;
        }
        boolean here = shims.isRunc(handler);
        try (var held = here ? ends.hold(shim, state.pid()) : HeldProcess.unknown()) {
            if (!killed(shim, taskId, held)) {
                remains.kill(taskId);
            }
            var end = awaitEnd(shim, taskId, held, here);
            if (!end.told()) {
                return false;
            }
        }
        try {
            var _ = shim.delete(taskId, "");
            return true;
        } catch (ShimException.Failed refused) {
            if (!here) {
                throw refused;
            }
            LOG.log(
                    Logger.Level.WARNING,
                    "task={0} has ended; {1} does not delete it, so it is cleaned up without: {2}",
                    taskId,
                    shims.runtime(handler),
                    refused.getMessage());
            return false;
        }
    }

    /** False if the runtime cannot kill a process that runs; says so at once. */
    private static boolean killed(Shim shim, String taskId, HeldProcess held) {
        try {
            shim.kill(taskId, "", SIGKILL, true);
        } catch (ShimException.NotFound ended) {
            LOG.log(Logger.Level.DEBUG, "task={0} {1}", taskId, ended.getMessage());
        } catch (ShimException.Failed refused) {
            // A process that has ended cannot be signalled; the wait tells whether it has.
            if (held.runs()) {
                LOG.log(
                        Logger.Level.WARNING,
                        "task={0} its OCI runtime cannot kill it; killed by its cgroup: {1}",
                        taskId,
                        refused.getMessage());
                return false;
            }
        }
        return true;
    }

    private ProcessEnd awaitEnd(Shim shim, String taskId, HeldProcess held, boolean here)
            throws IOException {
        var exit = new CompletableFuture<ProcessEnd>();
        var waiting =
                Thread.ofVirtual()
                        .name("task-end-" + taskId)
                        .start(
                                () -> {
                                    try {
                                        exit.complete(ends.await(shim, taskId, "", held));
                                    } catch (RuntimeException failure) {
                                        exit.completeExceptionally(failure);
                                    }
                                });
        try {
            var first = here && killLimit.compareTo(BY_RUNTIME) > 0 ? BY_RUNTIME : killLimit;
            var early = await(exit, taskId, first);
            if (early.isEmpty() && first.compareTo(killLimit) < 0) {
                remains.kill(taskId);
                early = await(exit, taskId, killLimit.minus(first));
            }
            return early.orElseThrow(
                    () ->
                            new IOException(
                                    "task %s: its process still lives %d s after SIGKILL; it may hang in the kernel"
                                            .formatted(taskId, killLimit.toSeconds())));
        } finally {
            waiting.interrupt();
        }
    }

    /** Empty if the time is over first. */
    private static Optional<ProcessEnd> await(
            CompletableFuture<ProcessEnd> exit, String taskId, Duration limit) throws IOException {
        try {
            return Optional.of(exit.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException late) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("task " + taskId + ": interrupted while it was ended", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ShimException failure) {
                throw failure;
            }
            throw new IOException("task " + taskId + ": " + e.getCause(), e);
        }
    }

    /** One that would go on from a checkpoint has no process yet, and none whose end would come. */
    private static boolean waitsToBeRestored(TaskState state) {
        return state.status() == TaskState.Status.CREATED && state.pid() == 0;
    }

    /**
     * Ends a pod's shim once its tasks are gone. One that is gone is success. One that leaves when
     * it is told to had no task any more and has cleared up; any other is cleared up after.
     *
     * @throws IOException if the OCI runtime keeps the pod's own task
     */
    public void endShim(SandboxId sandbox, String handler) throws IOException {
        try {
            var shim = shims.reach(sandbox);
            if (shim.isPresent()) {
                shim.get().shutdown();
                shims.forget(sandbox);
                if (!shims.knownToRuntime(handler, sandbox.value())) {
                    return;
                }
            }
        } catch (ShimException.GivenUp ours) {
            throw ours;
        } catch (ShimException useless) {
            // Gone, or no longer answering: what follows does not need its help.
            LOG.log(Logger.Level.DEBUG, "sandbox={0} shim: {1}", sandbox, useless.getMessage());
        }
        shims.forget(sandbox);
        endWithout(sandbox, sandbox.value(), handler);
    }
}
