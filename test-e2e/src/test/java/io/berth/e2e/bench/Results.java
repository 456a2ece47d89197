package io.berth.e2e.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What was measured, in the order in which figures were first met, for one contender or two. Used
 * by one thread at a time.
 */
final class Results {
    private final List<String> contenders;
    private final Map<Figure, List<List<Double>>> values = new LinkedHashMap<>();
    private final Map<Figure, List<String>> reasons = new LinkedHashMap<>();

    private final List<Failure> failures = new ArrayList<>();

    /**
     * A part that could not be measured to its end.
     *
     * @param contender whose fault it was; nothing where that is not known
     */
    record Failure(String part, String contender, String error) {
        @Override
        public String toString() {
            return "%s%s: failed: %s"
                    .formatted(part, contender.isEmpty() ? "" : ", " + contender, error);
        }
    }

    Results(List<String> contenders) {
        this.contenders = List.copyOf(contenders);
    }

    /** How the contenders are called; the first is compared with the second. */
    List<String> contenders() {
        return contenders;
    }

    void add(Figure figure, int contender, double value) {
        row(figure).get(contender).add(value);
    }

    /** Says why a contender has no such figure. */
    void missing(Figure figure, int contender, String reason) {
        row(figure);
        reasons.computeIfAbsent(figure, _ -> new ArrayList<>(empty())).set(contender, reason);
    }

    /** Notes that a part has failed; its figures up to then stay. */
    void failed(String part, String contender, String error) {
        failures.add(new Failure(part, contender, error));
    }

    /** The parts that have failed, in their order. */
    List<Failure> failures() {
        return List.copyOf(failures);
    }

    List<Figure> figures() {
        return List.copyOf(values.keySet());
    }

    Optional<Samples> samples(Figure figure, int contender) {
        var found = row(figure).get(contender);
        return found.isEmpty() ? Optional.empty() : Optional.of(new Samples(found));
    }

    /** Why the contender has no such figure; empty if it has, or if nobody said. */
    String reason(Figure figure, int contender) {
        return reasons.getOrDefault(figure, empty()).get(contender);
    }

    /** Median of the first by median of the second, where both have one that is not zero. */
    OptionalDouble ratio(Figure figure) {
        if (contenders.size() < 2) {
            return OptionalDouble.empty();
        }
        var one = samples(figure, 0).map(Samples::median).orElse(0.0);
        var other = samples(figure, 1).map(Samples::median).orElse(0.0);
        return one > 0 && other > 0 ? OptionalDouble.of(one / other) : OptionalDouble.empty();
    }

    private List<String> empty() {
        return contenders.stream().map(_ -> "").toList();
    }

    private List<List<Double>> row(Figure figure) {
        return values.computeIfAbsent(
                figure,
                _ -> contenders.stream().map(_ -> (List<Double>) new ArrayList<Double>()).toList());
    }
}
