package io.berth.e2e.cases;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/** What cases that fill memory have in common: how often they try, and which answers are right. */
final class Attack {
    private Attack() {}

    /** So many, as often as the property {@code cases.times} says; once when it does not. */
    static int times(int count) {
        return count * Integer.getInteger("cases.times", 1);
    }

    /** A request to the daemon. */
    interface Request {
        void send() throws IOException;
    }

    /** Sends a request that may be refused for want of memory, and for nothing else. */
    static List<String> refusedOrDone(String subject, Request request) throws IOException {
        try {
            request.send();
        } catch (StatusRuntimeException refused) {
            if (refused.getStatus().getCode() != Status.Code.RESOURCE_EXHAUSTED) {
                return List.of(
                        "%s: found %s, wanted success or RESOURCE_EXHAUSTED"
                                .formatted(subject, refused.getStatus()));
            }
        }
        return List.of();
    }

    /** Sends a request that may be refused for any reason that is the request's own. */
    static List<String> answered(String subject, Request request) throws IOException {
        try {
            request.send();
            return List.of();
        } catch (StatusRuntimeException refused) {
            return switch (refused.getStatus().getCode()) {
                case INTERNAL, UNKNOWN, UNAVAILABLE, DEADLINE_EXCEEDED ->
                        List.of(
                                "%s: found %s, wanted success or a refusal"
                                        .formatted(subject, refused.getStatus()));
                default -> List.of();
            };
        }
    }

    /** Whether the daemon answers somebody else now, within some seconds. */
    static List<String> othersAnswered(CaseDaemon daemon) {
        var faults = new ArrayList<String>();
        try {
            daemon.client().version(10);
        } catch (StatusRuntimeException silent) {
            faults.add("Version: found %s, wanted an answer".formatted(silent.getStatus()));
        }
        return faults;
    }

    /**
     * Does all of it at once.
     *
     * @return the results, in the order of the work
     * @throws IOException if any of it failed
     */
    static <T> List<T> together(List<? extends Callable<T>> work) throws IOException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<T>();
            for (var each : threads.invokeAll(work)) {
                results.add(each.get());
            }
            return results;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("stopped", stop);
        } catch (ExecutionException broken) {
            throw new IOException("an attack was not carried out", broken.getCause());
        }
    }
}
