package io.berth.sandbox.shim;

import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskState;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends tasks for good. */
public final class Tasks {
    private static final Logger LOG = System.getLogger(Tasks.class.getName());
    private static final int SIGKILL = 9;

    private final PodShims shims;
    private final SandboxSettings settings;

    /** Of containers that are still there; what a restart forgets is looked for instead. */
    private final Set<String> forgotten = ConcurrentHashMap.newKeySet();

    public Tasks(PodShims shims, SandboxSettings settings) {
        this.shims = shims;
        this.settings = settings;
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
     * success, if neither of both knows it; one whose shim is dead, or that the runtime alone
     * knows, is cleaned up by the shim's {@code delete}. Of one that is known to be forgotten
     * nobody is asked: the pod's shim may have gone since.
     *
     * @throws IOException if the task's process does not end in the configured time, or the runtime
     *     keeps it
     */
    public void end(SandboxId sandbox, String taskId, String handler) throws IOException {
        if (forgotten.remove(taskId)) {
            return;
        }
        try {
            var shim = shims.reach(sandbox);
            if (shim.isPresent()) {
                endIn(shim.get(), taskId);
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
            // The connection stays: the pod's other containers are watched through it.
            LOG.log(
                    Logger.Level.WARNING,
                    "sandbox={0} task={1} ended without its shim: {2}",
                    sandbox,
                    taskId,
                    useless.getMessage());
        }
        shims.forceDelete(sandbox, taskId, handler);
    }

    private void endIn(Shim shim, String taskId) throws IOException {
        if (waitsToBeRestored(shim.state(taskId, ""))) {
            var _ = shim.delete(taskId, "");
            return;
        }
        try {
            shim.kill(taskId, "", SIGKILL, true);
        } catch (ShimException.NotFound | ShimException.Failed ended) {
            // A process that has ended cannot be signalled; the wait below tells whether it has.
        }
        var exit = new CompletableFuture<Void>();
        Thread.ofVirtual()
                .name("task-end-" + taskId)
                .start(
                        () -> {
                            try {
                                var _ = shim.waitFor(taskId, "");
                                exit.complete(null);
                            } catch (RuntimeException failure) {
                                exit.completeExceptionally(failure);
                            }
                        });
        try {
            exit.get(settings.timeouts().kill().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(
                    "task %s: its process still lives %s after SIGKILL; it may hang in the kernel"
                            .formatted(taskId, settings.timeouts().kill()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("task " + taskId + ": interrupted while it was ended", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ShimException failure) {
                throw failure;
            }
            throw new IOException("task " + taskId + ": " + e.getCause(), e);
        }
        var _ = shim.delete(taskId, "");
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
        shims.forceDelete(sandbox, sandbox.value(), handler);
    }
}
