package io.berth.e2e.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Results as text: a line a figure with median, p99 and number of samples of each contender, and
 * the ratio of the medians.
 */
final class Table {
    private static final String WORST = "*";

    private final Results results;
    private final List<String> notes = new ArrayList<>();

    private Table(Results results) {
        this.results = results;
    }

    /** The lines, with what the signs in them mean at the end. */
    static List<String> lines(Results results) {
        return new Table(results).lines();
    }

    private List<String> lines() {
        var rows = new ArrayList<List<String>>();
        rows.add(heads());
        for (var figure : results.figures()) {
            rows.add(row(figure));
        }
        var lines = new ArrayList<>(aligned(rows));
        if (lines.stream().anyMatch(line -> line.contains(WORST))) {
            lines.add(
                    "%s the worst; there are fewer than %d samples"
                            .formatted(WORST, Samples.ENOUGH_FOR_P99));
        }
        lines.addAll(notes);
        results.failures().forEach(failure -> lines.add(failure.toString()));
        return List.copyOf(lines);
    }

    private List<String> heads() {
        var heads = new ArrayList<>(List.of("", "", "better"));
        for (var contender : results.contenders()) {
            heads.addAll(List.of(contender, "p99", "n"));
        }
        if (results.contenders().size() == 2) {
            heads.add("ratio");
        }
        return heads;
    }

    private List<String> row(Figure figure) {
        var row =
                new ArrayList<>(
                        List.of(
                                figure.name(),
                                figure.unit(),
                                figure.better().name().toLowerCase(Locale.ROOT)));
        for (int i = 0; i < results.contenders().size(); i++) {
            row.addAll(cells(figure, i));
        }
        if (results.contenders().size() == 2) {
            var ratio = results.ratio(figure);
            row.add(
                    ratio.isPresent()
                            ? String.format(Locale.ROOT, "%.2f", ratio.getAsDouble())
                            : "-");
        }
        return row;
    }

    private List<String> cells(Figure figure, int contender) {
        var samples = results.samples(figure, contender);
        if (samples.isEmpty()) {
            var reason = results.reason(figure, contender);
            notes.add(
                    "%s, %s: not measured%s"
                            .formatted(
                                    figure.name(),
                                    results.contenders().get(contender),
                                    reason.isEmpty() ? "" : ": " + reason));
            return List.of("-", "-", "0");
        }
        var found = samples.get();
        return List.of(
                number(found.median()),
                number(found.tail(figure.better())) + (found.tailIsTheWorst() ? WORST : ""),
                Integer.toString(found.count()));
    }

    /** Three digits or more that count. */
    static String number(double value) {
        var form = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, form, value);
    }

    /** Names to the left, numbers to the right. */
    private static List<String> aligned(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        var widths = new int[columns];
        for (var row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                var pad = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? "" : "  ").append(i < 3 ? row.get(i) + pad : pad + row.get(i));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
