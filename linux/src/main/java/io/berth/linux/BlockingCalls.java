package io.berth.linux;

import io.berth.linux.step.StepAction;
import io.berth.linux.step.StepBody;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes native calls that may hang, on platform threads, with a deadline.
 *
 * <p>A call in the kernel pins its thread and cannot be cancelled. So it costs its party (a pod, a
 * store) one of a few slots for as long as it lasts; the caller gives up at its deadline. The open
 * step goes along. Closing waits for no call.
 */
public final class BlockingCalls implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(BlockingCalls.class.getName());
    private static final int IDLE_SECONDS = 10;
    private final int slotsPerParty;
    private final int slotsInAll;
    private final ExecutorService threads;
    private final Map<String, Map<Call<?>, String>> running = new HashMap<>();
    private int runningInAll;

    /** Pools with so many slots for each party, and so many for all of them together. */
    public BlockingCalls(int slotsPerParty, int slotsInAll) {
        if (slotsPerParty < 1 || slotsInAll < slotsPerParty) {
            throw new IllegalArgumentException(
                    "slots: found %d per party and %d in all, wanted 1 or more and no less in all"
                            .formatted(slotsPerParty, slotsInAll));
        }
        this.slotsPerParty = slotsPerParty;
        this.slotsInAll = slotsInAll;
        this.threads =
                new ThreadPoolExecutor(
                        0,
                        Integer.MAX_VALUE, // bounded by slotsInAll, which we count ourselves
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        Thread.ofPlatform().daemon().name("blocking-", 0).factory());
    }

    /**
     * Makes a call for {@code party}; {@code what} names it in errors. Waits for a free slot and
     * for the call itself, {@code timeout} in sum. A result that comes later is closed if it is
     * {@link AutoCloseable}, else dropped.
     *
     * @throws BlockingCallsExhausted when no slot came free in time
     * @throws BlockingCallTimeout when the call did not return in time
     * @throws IOException what the call threw
     */
    public <T> T call(String party, String what, Duration timeout, StepBody<T> body)
            throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        var call = new Call<T>(party, what, body, Steps.capture());
        try {
            enter(call, deadline, timeout);
            start(call);
            if (!call.done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                call.abandon();
                throw new BlockingCallTimeout(
                        "%s: %s has not returned within %s".formatted(party, what, timeout));
            }
        } catch (InterruptedException interrupted) {
            call.abandon();
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException("%s: %s interrupted".formatted(party, what))
                            .initCause(interrupted);
        }
        return call.result();
    }

    /** As {@link #call}, without a result. */
    public void run(String party, String what, Duration timeout, StepAction body)
            throws IOException {
        call(
                party,
                what,
                timeout,
                () -> {
                    body.run();
                    return true;
                });
    }

    /** What runs or hangs now, as {@code party: call}. */
    public synchronized List<String> running() {
        return running.entrySet().stream()
                .flatMap(e -> e.getValue().values().stream().map(w -> e.getKey() + ": " + w))
                .sorted()
                .toList();
    }

    private synchronized void enter(Call<?> call, long deadline, Duration timeout)
            throws BlockingCallsExhausted, InterruptedException {
        while (runningInAll >= slotsInAll || slotsTaken(call.party) >= slotsPerParty) {
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                throw new BlockingCallsExhausted(
                        "%s: %s found no free slot within %s; of %d slots %d hang in %s; of %d in all %d are taken"
                                .formatted(
                                        call.party,
                                        call.what,
                                        timeout,
                                        slotsPerParty,
                                        slotsTaken(call.party),
                                        running.getOrDefault(call.party, Map.of()).values(),
                                        slotsInAll,
                                        runningInAll));
            }
            wait(millis);
        }
        running.computeIfAbsent(call.party, _ -> new HashMap<>()).put(call, call.what);
        runningInAll++;
    }

    private void start(Call<?> call) {
        boolean started = false;
        try {
            threads.execute(call);
            started = true;
        } finally {
            if (!started) {
                leave(call); // closed, or no thread to be had
            }
        }
    }

    private int slotsTaken(String party) {
        return running.getOrDefault(party, Map.of()).size();
    }

    private synchronized void leave(Call<?> call) {
        var ofParty = running.get(call.party);
        if (ofParty != null && ofParty.remove(call) != null) {
            runningInAll--;
            if (ofParty.isEmpty()) {
                running.remove(call.party);
            }
            notifyAll();
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }

    private enum State {
        RUNNING,
        RETURNED,
        ABANDONED
    }

    /** One call; its fields are read after its latch opened. */
    private final class Call<T> implements Runnable {
        private final String party;
        private final String what;
        private final StepBody<T> body;
        private final Steps.Carrier step;
        private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
        private final CountDownLatch done = new CountDownLatch(1);
        private @Nullable T value;
        private @Nullable Throwable failure;

        Call(String party, String what, StepBody<T> body, Steps.Carrier step) {
            this.party = party;
            this.what = what;
            this.body = body;
            this.step = step;
        }

        @Override
        public void run() {
            try {
                value = step.callBody(body);
            } catch (Throwable thrown) {
                failure = thrown;
            } finally {
                leave(this);
                if (state.compareAndSet(State.RUNNING, State.RETURNED)) {
                    done.countDown();
                } else {
                    discard();
                }
            }
        }

        /** Nobody waits any longer: a result that comes late is closed where it is made. */
        void abandon() {
            if (!state.compareAndSet(State.RUNNING, State.ABANDONED)) {
                discard();
            }
        }

        private void discard() {
            if (value instanceof AutoCloseable late) {
                try {
                    late.close();
                } catch (Exception failed) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "%s: %s returned late, its result does not close"
                                    .formatted(party, what),
                            failed);
                }
            }
        }

        @SuppressWarnings("NullAway") // the body's own result, null or not
        T result() throws IOException {
            switch (failure) {
                case null -> {
                    return value;
                }
                case IOException io -> throw io;
                case RuntimeException broken -> throw broken;
                case Error broken -> throw broken;
                case Throwable other ->
                        throw new IOException("%s: %s: %s".formatted(party, what, other), other);
            }
        }
    }
}
