package io.berth.sandbox.logs;

import io.berth.linux.FdPoller;
import io.berth.linux.PolledFd;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.resource.HostProcesses;
import io.berth.shimclient.writer.LogWriterException;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Notices the death of log writers, by their pidfds, and has each replaced on the same FIFOs. What
 * a FIFO holds waits there meanwhile, as the shim keeps both of its ends open; what the dead writer
 * had read and not yet written is lost, which the new one says in the log. A writer that has
 * completed its log, or that berth ends itself, is not replaced.
 */
public final class LogKeeper {
    private static final Logger LOG = System.getLogger(LogKeeper.class.getName());
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** A writer that has lived this long is replaced at once. */
    private static final Duration SOUND = Duration.ofSeconds(10);

    private final FdPoller poller;
    private final HostProcesses processes;
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();
    private final AtomicLong replaced = new AtomicLong();

    public LogKeeper(FdPoller poller, HostProcesses processes) {
        this.poller = poller;
        this.processes = processes;
        processes.onWriterKill(this::forget);
    }

    /** Starts another writer in place of a dead one. */
    @FunctionalInterface
    interface Replacement {
        void start() throws IOException;
    }

    /** How many writers were replaced since this daemon's start. */
    long replaced() {
        return replaced.get();
    }

    /**
     * Keeps the writer of a container alive from now on, whichever daemon started it; one that was
     * killed before is replaced. Returns at once.
     */
    void keep(ContainerId id, Path control, Replacement replacement) {
        var fresh = new Kept(id, control, replacement);
        if (kept.putIfAbsent(control.toString(), fresh) == null) {
            Thread.ofVirtual().name("log-keeper-" + id).start(fresh::run);
        }
    }

    /** Lets a writer die from now on; one that is being replaced is replaced on return. */
    void forget(String control) {
        var known = kept.remove(control);
        if (known != null) {
            known.forget();
        }
    }

    /** One container's writer. */
    private final class Kept {
        private final ContainerId id;
        private final Path control;
        private final Replacement replacement;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private boolean forgotten;
        private @Nullable PolledFd death;

        Kept(ContainerId id, Path control, Replacement replacement) {
            this.id = id;
            this.control = control;
            this.replacement = replacement;
        }

        void run() {
            try {
                var pause = Duration.ZERO;
                while (true) {
                    long since = System.nanoTime();
                    awaitDeath();
                    // The path goes before a writer ends that has completed its log.
                    if (!Files.exists(control, LinkOption.NOFOLLOW_LINKS)) {
                        break;
                    }
                    pause = System.nanoTime() - since > SOUND.toNanos() ? Duration.ZERO : pause;
                    if (!replace(pause)) {
                        break;
                    }
                    pause = longer(pause);
                }
            } catch (IOException ours) { // the poller is closed, as the daemon ends
                LOG.log(Logger.Level.DEBUG, "container={0} {1}", id, ours.getMessage());
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } finally {
                kept.remove(control.toString(), this);
            }
        }

        private void awaitDeath() throws IOException {
            var writer = processes.writer(control);
            if (writer.isEmpty()) {
                return;
            }
            try (var pidfd = poller.watch(writer.get().fd())) {
                if (watched(pidfd)) {
                    pidfd.awaitInput();
                }
            } finally {
                watched(null);
            }
        }

        /** False if the writer may die by now. */
        private boolean watched(@Nullable PolledFd pidfd) {
            lock.lock();
            try {
                death = pidfd;
                changed.signalAll();
                return !forgotten;
            } finally {
                lock.unlock();
            }
        }

        /** Replaces the writer, trying until it is done; false if that is not wanted any more. */
        private boolean replace(Duration firstPause) throws InterruptedException {
            var pause = firstPause;
            lock.lock();
            try {
                while (!forgotten) {
                    if (pause.isPositive()) {
                        var _ = changed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
                    }
                    if (forgotten) {
                        return false;
                    }
                    try {
                        replacement.start();
                        replaced.incrementAndGet();
                        LOG.log(
                                Logger.Level.WARNING,
                                "container={0} its log writer was killed; another one is started,"
                                        + " output may be missing",
                                id);
                        return true;
                    } catch (IOException | LogWriterException failure) {
                        pause = longer(pause);
                        LOG.log(
                                Logger.Level.ERROR,
                                "container={0} its log writer was killed, and no other can be"
                                        + " started; the container will stand still at its next"
                                        + " output; tried again in {1} ms: {2}",
                                id,
                                Long.toString(pause.toMillis()),
                                failure.getMessage());
                    }
                }
                return false;
            } finally {
                lock.unlock();
            }
        }

        private static Duration longer(Duration pause) {
            var next = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
            return next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE;
        }

        void forget() {
            lock.lock();
            try {
                forgotten = true;
                changed.signalAll();
                if (death != null) {
                    death.close();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
