package io.berth.sandbox.exit;

import io.berth.linux.Linux;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskExit;
import io.berth.shimclient.shim.TaskState;
import java.lang.System.Logger;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Waits for the ends of processes in shims. The shim's word comes first. Shims lose ends when many
 * come at once (measured: 1.6.20 with 60 commands at a time, 2.1.9 and 2.3.4 when 60 containers are
 * killed), so a shim that says nothing for a second after the kernel has said that the process is
 * gone is not believed any longer: the kernel's own code counts, and if it has none, the shim is
 * asked once more a second, a few times.
 */
public final class ProcessEnds {
    private static final Logger LOG = System.getLogger(ProcessEnds.class.getName());
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** How often a shim is asked for a code that nobody else has. */
    private static final int QUESTIONS = 3;

    private final Linux linux;
    private final ProcessDeaths deaths;
    private final Clock clock;

    public ProcessEnds(Linux linux, ProcessDeaths deaths, Clock clock) {
        this.linux = linux;
        this.deaths = deaths;
        this.clock = clock;
    }

    /** Holds a process of a shim, to be closed by the caller; see {@link ProcessDeaths#hold}. */
    public HeldProcess hold(Shim shim, int pid) {
        return deaths.hold(pid, shim.shimPid());
    }

    /**
     * Waits until a process has ended; at once if it has.
     *
     * @param execId empty for a container's first process
     * @throws ShimException as {@link Shim#waitFor}, of a process that the kernel does not know to
     *     be gone
     */
    public ProcessEnd await(Shim shim, String task, String execId, HeldProcess held) {
        var wait = new Wait(Thread.currentThread());
        held.onDeath(() -> Thread.ofVirtual().name("ended-" + task).start(wait::diedNow));
        Optional<TaskExit> told;
        try {
            told = wait.answer(() -> shim.waitFor(task, execId));
        } finally {
            wait.over();
        }
        return told.map(ProcessEnds::told).orElseGet(() -> untold(shim, task, execId, held));
    }

    private static ProcessEnd told(TaskExit exit) {
        return new ProcessEnd(exit.at(), OptionalInt.of(exit.status()), true);
    }

    private ProcessEnd untold(Shim shim, String task, String execId, HeldProcess held) {
        var at = clock.instant();
        var code = held.exitCode(linux);
        for (int i = 0; code.isEmpty() && i < QUESTIONS; i++) {
            var state = state(shim, task, execId);
            if (state.isPresent() && state.get().status() == TaskState.Status.STOPPED) {
                return new ProcessEnd(
                        state.get().exitedAt(), OptionalInt.of(state.get().exitStatus()), true);
            }
            pause();
        }
        LOG.log(
                Logger.Level.WARNING,
                "task={0} {1} its shim lost its end; code by the kernel: {2}",
                task,
                execId,
                code.isPresent() ? Integer.toString(code.getAsInt()) : "not known");
        return new ProcessEnd(at, code, false);
    }

    private static Optional<TaskState> state(Shim shim, String task, String execId) {
        try {
            return Optional.of(shim.state(task, execId));
        } catch (ShimException.GivenUp ours) {
            throw ours;
        } catch (ShimException silent) {
            LOG.log(Logger.Level.DEBUG, "task={0} {1} {2}", task, execId, silent.getMessage());
            return Optional.empty();
        }
    }

    private static void pause() {
        try {
            var _ = new CountDownLatch(1).await(GRACE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException ours) {
            Thread.currentThread().interrupt();
            throw new ShimException.GivenUp("interrupted while a shim was asked again", ours);
        }
    }

    /** The call of a shim, and who cuts it when the process is known to be gone. */
    private static final class Wait {
        private final Thread caller;
        private final CountDownLatch over = new CountDownLatch(1);
        private final ReentrantLock lock = new ReentrantLock();
        private boolean answered;
        private boolean cut;

        Wait(Thread caller) {
            this.caller = caller;
        }

        /** Empty if the call was cut. */
        Optional<TaskExit> answer(Supplier<TaskExit> call) {
            Optional<TaskExit> found = Optional.empty();
            ShimException failure = null;
            try {
                found = Optional.of(call.get());
            } catch (ShimException e) {
                failure = e;
            }
            lock.lock();
            try {
                answered = true;
                if (cut) {
                    var _ = Thread.interrupted(); // ours, which the call may not have seen
                    return found;
                }
            } finally {
                lock.unlock();
            }
            if (failure != null) {
                throw failure;
            }
            return found;
        }

        void over() {
            over.countDown();
        }

        /** Gives the shim its time to tell, then cuts the call. */
        void diedNow() {
            try {
                if (over.await(GRACE.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            } catch (InterruptedException nobody) {
                Thread.currentThread().interrupt();
                return;
            }
            lock.lock();
            try {
                if (!answered) {
                    cut = true;
                    caller.interrupt();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
