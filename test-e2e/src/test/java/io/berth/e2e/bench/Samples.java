package io.berth.e2e.bench;

import java.util.List;

/**
 * Measured values of one kind, rising.
 *
 * @param sorted at least one
 */
record Samples(List<Double> sorted) {
    /** With fewer, the 99th percentile is not told apart from the worst. */
    static final int ENOUGH_FOR_P99 = 100;

    Samples {
        sorted = sorted.stream().sorted().toList();
        if (sorted.isEmpty()) {
            throw new IllegalArgumentException("samples: found none, wanted one at least");
        }
        if (!sorted.stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException(
                    "samples: found %s, wanted finite numbers".formatted(sorted));
        }
    }

    int count() {
        return sorted.size();
    }

    /** The middle one; between the two in the middle where their number is even. */
    double median() {
        int upper = sorted.size() / 2;
        if (sorted.size() % 2 == 1) {
            return sorted.get(upper);
        }
        return (sorted.get(upper - 1) + sorted.get(upper)) / 2;
    }

    /**
     * What all but one in a hundred are as good as, or the worst if they are too few for that; by
     * the nearest rank.
     */
    double tail(Better better) {
        int leftOut = tailIsTheWorst() ? 0 : sorted.size() / 100;
        return switch (better) {
            case LESS -> sorted.get(sorted.size() - 1 - leftOut);
            case MORE -> sorted.get(leftOut);
        };
    }

    boolean tailIsTheWorst() {
        return sorted.size() < ENOUGH_FOR_P99;
    }
}
