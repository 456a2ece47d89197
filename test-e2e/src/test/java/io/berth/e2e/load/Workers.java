package io.berth.e2e.load;

import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same work on several threads at once. */
final class Workers {
    private Workers() {}

    /** What each of them does. */
    interface Work {
        void run() throws Exception;
    }

    /** Returns when all are done; fails as the first that failed. */
    static void run(int workers, Work work) throws InterruptedException {
        Callable<Void> task =
                () -> {
                    work.run();
                    return null;
                };
        try (var threads = Executors.newFixedThreadPool(workers)) {
            var all = new ArrayList<Future<Void>>();
            for (int i = 0; i < workers; i++) {
                all.add(threads.submit(task));
            }
            for (var each : all) {
                each.get();
            }
        } catch (ExecutionException failure) {
            throw new AssertionError("a worker failed: " + failure.getCause(), failure.getCause());
        }
    }
}
