package io.berth.sandbox.operation;

import io.berth.linux.foreign.ForeignScope;
import io.berth.linux.step.Beside;
import io.berth.linux.step.Stages;
import io.berth.linux.step.StepAction;
import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs operations: one at a time for a key, joined by equal requests, each on its own virtual
 * thread. No operation ends because its caller did. Different objects do not wait for each other;
 * operations of one object that change it take turns by {@link #exclusively}.
 */
public final class Operations {
    private static final Logger LOG = System.getLogger(Operations.class.getName());

    private final Clock clock;
    private final Map<OperationKey, Operation<?>> running = new ConcurrentHashMap<>();
    private final Map<String, Turn> turns = new ConcurrentHashMap<>();

    public Operations(Clock clock) {
        this.clock = clock;
    }

    /** One object's turns, kept as long as somebody has or waits for one. */
    private static final class Turn {
        private final ReentrantLock lock = new ReentrantLock(true);
        private int users;

        private Turn entered() {
            users++;
            return this;
        }

        private @Nullable Turn left() {
            users--;
            return users == 0 ? null : this;
        }
    }

    /** The work of an operation. */
    @FunctionalInterface
    public interface Body<T extends @Nullable Object> {
        T run() throws IOException;
    }

    /**
     * Runs work under a key, or joins the run that is under way if it was asked for by an equal
     * request; waits for it until the caller's deadline.
     *
     * @throws SandboxException.AlreadyExists if another request with this key is under way
     * @throws SandboxException.StillRunning if the caller's deadline passes first
     */
    <T extends @Nullable Object> T run(OperationKey key, String requestHash, Body<T> body) {
        var mine = new Operation<T>(key, requestHash, clock);
        var other = running.putIfAbsent(key, mine);
        if (other != null) {
            return this.<T>joined(other, requestHash).await();
        }
        var memory = ForeignScope.current().map(ForeignScope::shared);
        Thread.ofVirtual()
                .name(key.verb() + "-" + key.subject())
                .start(() -> charged(memory, () -> work(mine, body)));
        return mine.await();
    }

    @SuppressWarnings("unchecked") // a key's verb fixes the type that its operation yields
    private <T extends @Nullable Object> Operation<T> joined(
            Operation<?> other, String requestHash) {
        if (!other.requestHash().equals(requestHash)) {
            throw new SandboxException.AlreadyExists(
                    "%s: another request with this name is under way, %s; this one differs from it"
                            .formatted(other.key(), other.progress()));
        }
        return (Operation<T>) other;
    }

    private <T extends @Nullable Object> void work(Operation<T> operation, Body<T> body) {
        long started = System.nanoTime();
        try {
            var value = operation.stages().trunk().call(body::run);
            running.remove(operation.key());
            LOG.log(
                    Logger.Level.DEBUG,
                    () -> "%s: done in %s".formatted(operation.key(), since(started)));
            operation.result().complete(value);
        } catch (Throwable failure) {
            running.remove(operation.key());
            LOG.log(
                    Logger.Level.INFO,
                    () ->
                            "%s: ended after %s, %s: %s"
                                    .formatted(
                                            operation.key(),
                                            since(started),
                                            operation.progress(),
                                            failure.getMessage()));
            operation.result().completeExceptionally(failure);
        }
    }

    /** Runs work whose request's memory is held until the work is done, not only by its caller. */
    private static void charged(Optional<ForeignScope> memory, Runnable work) {
        if (memory.isEmpty()) {
            work.run();
            return;
        }
        try {
            ScopedValue.where(ForeignScope.CURRENT, memory.get()).run(work);
        } finally {
            memory.get().leave();
        }
    }

    private static String since(long started) {
        return (System.nanoTime() - started) / 1_000_000 + " ms";
    }

    /** Names the stage that the current operation has reached, for what takes its own steps. */
    static void stage(String name) {
        Stages.reach(name);
    }

    /** Takes a step, which is the stage of the current operation. */
    static <T extends @Nullable Object> T step(String name, String subject, Body<T> body)
            throws IOException {
        return Steps.run(name, subject, body::run);
    }

    /** Pieces of the current operation that run side by side, each in a stage of its own. */
    static Beside beside(String name) {
        return new Beside(name, Operations::inherited);
    }

    /** The memory of the current request, held by the piece too. */
    private static StepAction inherited(StepAction piece) {
        var memory = ForeignScope.current();
        if (memory.isEmpty()) {
            return piece;
        }
        var scope = ScopedValue.where(ForeignScope.CURRENT, memory.get());
        return () -> {
            var _ =
                    scope.call(
                            () -> {
                                piece.run();
                                return true;
                            });
        };
    }

    /** Runs what changes an object while nothing else changes it. */
    public <T extends @Nullable Object> T exclusively(String object, Body<T> body)
            throws IOException {
        var turn = turns.compute(object, (_, old) -> (old == null ? new Turn() : old).entered());
        if (turn.lock.hasQueuedThreads() || !turn.lock.tryLock()) {
            stage("turn");
            turn.lock.lock();
        }
        try {
            return body.run();
        } finally {
            turn.lock.unlock();
            turns.computeIfPresent(object, (_, mine) -> mine.left());
        }
    }

    /** How many objects somebody changes or waits to change. */
    int busy() {
        return turns.size();
    }
}
