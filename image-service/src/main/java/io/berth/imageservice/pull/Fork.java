package io.berth.imageservice.pull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Runs several tasks, each on its own virtual thread, and ends with the last of them. The first
 * failure cancels the others and is thrown; what the others then throw is suppressed under it.
 *
 * <p>The one place to change when structured concurrency leaves its preview.
 */
final class Fork {

    private Fork() {}

    /** A task and the name of its thread. */
    record Task<T>(String name, Callable<T> body) {}

    /** The results in the order of the tasks. */
    static <T> List<T> all(List<Task<T>> tasks, Cancellation cancellation) {
        var first = new FirstFailure(cancellation);
        List<FutureTask<T>> running = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Task<T> task : tasks) {
            var future =
                    new FutureTask<>(
                            () -> {
                                try {
                                    return task.body().call();
                                } catch (Throwable failure) {
                                    first.is(failure);
                                    throw failure;
                                }
                            });
            running.add(future);
            threads.add(Thread.ofVirtual().name(task.name()).start(future));
        }
        List<T> results = new ArrayList<>();
        boolean interrupted = false;
        for (int i = 0; i < running.size(); i++) {
            interrupted |= joined(threads.get(i), cancellation);
            collect(running.get(i), results, first);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        first.rethrow();
        return results;
    }

    /** Waits for a thread whatever happens; an interrupt cancels the work and is remembered. */
    private static boolean joined(Thread thread, Cancellation cancellation) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException stop) {
                interrupted = true;
                cancellation.cancel();
            }
        }
    }

    private static <T> void collect(FutureTask<T> task, List<T> results, FirstFailure first) {
        try {
            results.add(task.get());
        } catch (ExecutionException failed) {
            first.suppress(failed.getCause());
        } catch (InterruptedException impossible) {
            throw new AssertionError("a finished task does not wait", impossible);
        }
    }

    private static final class FirstFailure {
        private final Cancellation cancellation;
        private @Nullable Throwable failure;

        FirstFailure(Cancellation cancellation) {
            this.cancellation = cancellation;
        }

        void is(Throwable thrown) {
            synchronized (this) {
                if (failure != null) {
                    return;
                }
                failure = thrown;
            }
            cancellation.cancel();
        }

        synchronized void suppress(@Nullable Throwable thrown) {
            if (failure != null && thrown != null && !thrown.equals(failure)) {
                failure.addSuppressed(thrown);
            }
        }

        synchronized void rethrow() {
            switch (failure) {
                case null -> {}
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                case Throwable checked ->
                        throw new UncheckedIOException(
                                new IOException(checked.getMessage(), checked));
            }
        }
    }
}
