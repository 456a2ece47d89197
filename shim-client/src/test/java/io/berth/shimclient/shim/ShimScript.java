package io.berth.shimclient.shim;

import io.berth.shimclient.ttrpc.StatusCode;
import io.berth.shimclient.ttrpc.TtrpcException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The faults of scripted shims. Calls are named as on the wire: {@code Create}, {@code Start},
 * {@code Kill}, {@code Wait}; the two of the program are {@code start} and {@code delete}.
 */
public final class ShimScript {
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private final AtomicInteger made = new AtomicInteger();
    private volatile int losing;

    /** When a fault happens: before the effect of a call, or between it and the answer. */
    public enum Moment {
        BEFORE,
        AFTER
    }

    /**
     * A fault of the next call of a method.
     *
     * @param once whether it is gone once a call has met it
     */
    private record Fault(String method, String subject, Moment moment, boolean once, Deed deed) {
        boolean hits(String called, String about, Moment now) {
            return method.equals(called)
                    && moment == now
                    && (subject.isEmpty() || subject.equals(about));
        }
    }

    /** Happens in the middle of a call. */
    @FunctionalInterface
    public interface Deed {
        /**
         * Throws {@link TtrpcException.Refused} to answer the call with that.
         *
         * @param shim the shim that is called; none if the program is asked to delete a container
         */
        void run(Optional<ScriptedPodShim> shim);
    }

    /** The next call of a method is refused with {@code message}. */
    public void failNext(String method, String message) {
        failNext(method, StatusCode.UNKNOWN, message);
    }

    /** The next call of a method is refused, and has no effect. */
    public void failNext(String method, StatusCode code, String message) {
        next(method, Moment.BEFORE, _ -> refuse(code, message));
    }

    /** Every call of a method is refused from now on. */
    public void fail(String method, StatusCode code, String message) {
        faults.add(new Fault(method, "", Moment.BEFORE, false, _ -> refuse(code, message)));
    }

    private static void refuse(StatusCode code, String message) {
        throw new TtrpcException.Refused(code, message);
    }

    /** The shim's process dies in the next call of a method, which is never answered. */
    public void dieNext(String method, Moment moment) {
        next(method, moment, shim -> shim.ifPresent(ScriptedPodShim::die));
    }

    /** The next call of a method waits until it is let go. */
    public Held hold(String method, Moment moment) {
        return hold(method, "", moment);
    }

    /** The next call of a method about a task, by its id or {@code ID/EXEC}, waits. */
    public Held hold(String method, String subject, Moment moment) {
        var held = new Held();
        faults.add(new Fault(method, subject, moment, true, _ -> held.hold()));
        return held;
    }

    /** The next call of a method does something in its middle. */
    public void next(String method, Moment moment, Deed deed) {
        faults.add(new Fault(method, "", moment, true, deed));
    }

    /**
     * The end of every nth process that is made from now on is lost, as shims lose ends under load:
     * no call and no event tells it, and the shim takes the process for one that runs.
     */
    public void loseEnds(int nth) {
        losing = nth;
    }

    /** Whether the end of a process that is made now will be lost. */
    boolean losesNextEnd() {
        int nth = losing;
        return nth > 0 && made.incrementAndGet() % nth == 0;
    }

    /** No call meets a fault from now on. One that waits already goes on waiting. */
    public void heal() {
        faults.clear();
        losing = 0;
    }

    /** A call that waits. */
    public static final class Held {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Held() {}

        /** Waits until the call is there. */
        public void awaitCall() {
            await(reached);
        }

        /** Lets it go on. */
        public void release() {
            released.countDown();
        }

        private void hold() {
            reached.countDown();
            await(released);
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TtrpcException.Refused(StatusCode.CANCELLED, "interrupted");
            }
        }
    }

    void meet(String method, String subject, Moment moment, Optional<ScriptedPodShim> shim) {
        var met = faults.stream().filter(it -> it.hits(method, subject, moment)).findFirst();
        // One that is gone by now was another call's.
        if (met.isPresent() && (!met.get().once() || faults.remove(met.get()))) {
            met.get().deed().run(shim);
        }
    }
}
