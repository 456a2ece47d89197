package io.berth.e2e.bench;

import java.time.Duration;

/** How many of everything. */
record Effort(Calls calls, Rate rate, Pull pull, Log log, Standing standing) {
    static final Effort FULL =
            new Effort(
                    new Calls(7, 100, 200, 100),
                    new Rate(20, 3),
                    new Pull(5, 8, 200, 100_000),
                    new Log(3, 2_000_000),
                    new Standing(50, Duration.ofSeconds(30), 100));

    static final Effort QUICK =
            new Effort(
                    new Calls(1, 3, 10, 5),
                    new Rate(4, 1),
                    new Pull(1, 3, 20, 10_000),
                    new Log(1, 200_000),
                    new Standing(3, Duration.ofSeconds(2), 6));

    /**
     * Calls one by one.
     *
     * @param starts of a daemon
     * @param lives of a pod
     * @param commands in a container
     * @param lists of each kind
     */
    record Calls(int starts, int lives, int commands, int lists) {}

    /** Pods that all workers have together, and how often. */
    record Rate(int pods, int rounds) {}

    /** What is pulled, and how often. */
    record Pull(int rounds, int layers, int filesInLayer, int bytesInFile) {}

    /** How much a container writes, and how often. */
    record Log(int rounds, int lines) {}

    /**
     * Pods that stay.
     *
     * @param idlePods that stand while nothing is asked
     * @param idle how long
     * @param listPods that are listed
     */
    record Standing(int idlePods, Duration idle, int listPods) {}
}
