package io.berth.e2e.bench;

import io.berth.e2e.run.Print;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Parts, one after the other. One that fails stands in the results with the side and the error, and
 * takes nothing along: both sides lose their pods, the one that failed is started again if it was
 * started here, and the next part begins. A side that cannot be cleared so is left out from then
 * on.
 */
final class Course {
    private final Results results;
    private Round round;

    Course(Round round) {
        this.round = round;
        this.results = round.results();
    }

    /** Something that is measured, or done for what is. */
    @FunctionalInterface
    interface Work {
        void on(Round round) throws IOException;
    }

    /**
     * Does one part.
     *
     * @throws IOException if the whole run is broken off; what went wrong in the part does not
     *     throw
     */
    void run(String part, Work work) throws IOException {
        if (round.contenders().isEmpty()) {
            results.failed(part, "", "no contender is left");
            return;
        }
        try {
            work.on(round);
        } catch (TurnFailed failure) {
            failed(part, round.titleOf(failure.contender()), failure);
            clear(part, failure.contender());
        } catch (IOException | RuntimeException | AssertionError failure) {
            failed(part, "", failure);
            clear(part, null);
        }
    }

    private void failed(String part, String title, Throwable failure) throws IOException {
        var error = String.valueOf(failure.getMessage());
        results.failed(part, title, error);
        Print.failure("bench: " + part + (title.isEmpty() ? "" : ", " + title), failure);
        if (Thread.currentThread().isInterrupted()) {
            throw new IOException("broken off in " + part, failure);
        }
    }

    private void clear(String part, @Nullable Contender failed) throws IOException {
        for (var contender : round.contenders()) {
            try {
                if (contender.equals(failed)) {
                    contender.startAgain();
                }
                contender.endPods();
                round.podsOf(contender).forget();
            } catch (IOException | RuntimeException stays) {
                failed(part + ", clearing after it", round.titleOf(contender), stays);
                round = round.without(contender);
            }
        }
    }
}
