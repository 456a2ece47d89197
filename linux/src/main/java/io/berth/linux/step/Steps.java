package io.berth.linux.step;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs every effect outside the store as a named step, so that a sweep can fail it or cut it short.
 *
 * <p>A step is open on the thread that runs its body. Work handed to another thread takes it along
 * with {@link #capture()}.
 */
public final class Steps {
    private static final boolean GUARD = Boolean.getBoolean("berth.steps.guard");
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]+(\\.[a-z0-9-]+)*");
    private static final ScopedValue<OpenStep> OPEN = ScopedValue.newInstance();
    private static volatile StepObserver observer = StepObserver.NONE;

    private Steps() {}

    private record OpenStep(String name, String subject) {
        OpenStep {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "step name: found \"%s\", wanted dotted lower case".formatted(name));
            }
        }
    }

    /**
     * Runs {@code body} as the step {@code name} (a dotted constant such as {@code netns.create})
     * of {@code subject} (the key of what is changed). Steps may be nested; the observer hears of
     * each.
     *
     * @throws IOException what the body or the observer threw; after is not told of a failed body
     */
    public static <T> T run(String name, String subject, StepBody<T> body) throws IOException {
        var step = new OpenStep(name, subject);
        var told = observer;
        return Stages.within(
                name,
                () -> {
                    told.before(name, subject);
                    T result = ScopedValue.where(OPEN, step).call(body::run);
                    told.after(name, subject);
                    return result;
                });
    }

    /** As {@link #run(String, String, StepBody)}, for an effect without a result. */
    public static void run(String name, String subject, StepAction body) throws IOException {
        var _ =
                run(
                        name,
                        subject,
                        () -> {
                            body.run();
                            return true;
                        });
    }

    /**
     * Called by every port before an effect. Does nothing in production.
     *
     * @throws AssertionError when the guard ({@code -Dberth.steps.guard=true}) is on and no step is
     *     open on this thread
     */
    public static void require(String call) {
        if (GUARD && !OPEN.isBound()) {
            throw new AssertionError(call + ": called outside a step; open one with Steps.run");
        }
    }

    /** The step open on this thread, if any, to be reopened on another one. */
    public static Carrier capture() {
        return OPEN.isBound() ? new Carrier(ScopedValue.where(OPEN, OPEN.get())) : Carrier.EMPTY;
    }

    /** Sets the process's one observer; called once, at start (tests set and restore it). */
    public static void observe(StepObserver newObserver) {
        observer = newObserver;
    }

    /** An open step on its way to another thread; may be used there any number of times. */
    public static final class Carrier {
        private static final Carrier EMPTY = new Carrier(null);
        private final ScopedValue.@Nullable Carrier scope;

        private Carrier(ScopedValue.@Nullable Carrier scope) {
            this.scope = scope;
        }

        /** Calls {@code work} with the captured step open. */
        public <T> T call(Callable<T> work) throws Exception {
            return scope == null ? work.call() : scope.call(work::call);
        }

        /** Calls {@code body} with the captured step open. */
        public <T> T callBody(StepBody<T> body) throws IOException {
            return scope == null ? body.run() : scope.call(body::run);
        }

        /** Runs {@code work} with the captured step open. */
        public void run(Runnable work) {
            if (scope == null) {
                work.run();
            } else {
                scope.run(work);
            }
        }
    }
}
