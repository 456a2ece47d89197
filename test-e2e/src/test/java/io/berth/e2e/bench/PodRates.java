package io.berth.e2e.bench;

import java.io.IOException;
import java.util.List;

/** Pods per second, by several workers. */
final class PodRates {
    private static final List<Integer> WORKERS = List.of(1, 5, 10);

    private PodRates() {}

    static void measure(Round round) throws IOException {
        for (int workers : WORKERS) {
            var by = workers == 1 ? "by 1 worker" : "by " + workers + " workers";
            var up = Figure.rate("pods started " + by, "pods");
            var down = Figure.rate("pods ended " + by, "pods");
            round.alternate(
                    "pods " + by,
                    round.effort().rate().rounds(),
                    contender -> {
                        var pods = new Pods(contender);
                        int count = round.effort().rate().pods();
                        var begun = System.nanoTime();
                        pods.grow(count, workers);
                        round.add(up, contender, count / seconds(begun));
                        begun = System.nanoTime();
                        pods.end(workers);
                        round.add(down, contender, count / seconds(begun));
                    });
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
