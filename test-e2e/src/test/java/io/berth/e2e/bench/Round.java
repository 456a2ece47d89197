package io.berth.e2e.bench;

import io.berth.e2e.run.Print;
import java.io.IOException;
import java.util.List;

/**
 * What the parts share: the contenders, their pods that stay, how many of everything, and where
 * figures go.
 */
record Round(List<Contender> contenders, List<Pods> pods, Effort effort, Results results) {
    Round {
        contenders = List.copyOf(contenders);
        pods = List.copyOf(pods);
    }

    /** One contender's turn in a round. */
    @FunctionalInterface
    interface Turn {
        void take(Contender contender) throws IOException;
    }

    /**
     * Gives every contender as many turns. They alternate, and every second time the other begins,
     * so that a machine that gets slower does so for both.
     */
    void alternate(String what, int times, Turn turn) throws IOException {
        Print.note("bench: %s, %d times".formatted(what, times));
        for (int i = 0; i < times; i++) {
            for (var contender : i % 2 == 0 ? contenders : contenders.reversed()) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new IOException("interrupted");
                }
                with(contender, turn);
            }
        }
    }

    /**
     * Gives one contender a turn.
     *
     * @throws TurnFailed whatever goes wrong in it
     */
    void with(Contender contender, Turn turn) throws TurnFailed {
        try {
            turn.take(contender);
        } catch (IOException | RuntimeException | AssertionError failure) {
            throw new TurnFailed(contender, failure);
        }
    }

    /** The same with one contender less. */
    Round without(Contender contender) {
        var others = contenders.stream().filter(each -> !each.equals(contender)).toList();
        return new Round(others, pods, effort, results);
    }

    /** How a contender is called in the results. */
    String titleOf(Contender contender) {
        return results.contenders().get(contender.index());
    }

    Pods podsOf(Contender contender) {
        return pods.get(contender.index());
    }

    void add(Figure figure, Contender contender, double value) {
        results.add(figure, contender.index(), value);
    }

    void missing(Figure figure, Contender contender, String reason) {
        results.missing(figure, contender.index(), reason);
    }

    /** Something that is timed. */
    @FunctionalInterface
    interface Timed<T> {
        T call() throws IOException;
    }

    /** Times one call, in milliseconds. */
    <T> T timed(Figure figure, Contender contender, Timed<T> call) throws IOException {
        var begun = System.nanoTime();
        var result = call.call();
        add(figure, contender, (System.nanoTime() - begun) / 1e6);
        return result;
    }

    /** A call without a result. */
    @FunctionalInterface
    interface TimedRun {
        void call() throws IOException;
    }

    void timedRun(Figure figure, Contender contender, TimedRun call) throws IOException {
        timed(
                figure,
                contender,
                () -> {
                    call.call();
                    return true;
                });
    }
}
