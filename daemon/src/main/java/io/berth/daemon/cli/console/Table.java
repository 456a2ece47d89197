package io.berth.daemon.cli.console;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rows under headings, for people as columns and for programs as JSON. */
public final class Table {
    private static final String GAP = "   ";

    /** How a table is printed. */
    public enum Format {
        TABLE,
        JSON;

        /** As it is given on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One row.
     *
     * @param cells as people read them
     * @param values what a program gets, by name
     */
    private record Row(List<String> cells, Map<String, Object> values) {}

    private final List<String> headings;
    private final List<Row> rows = new ArrayList<>();

    public Table(String... headings) {
        this.headings = List.of(headings);
    }

    /** Adds a row. Throws {@link IllegalArgumentException} if it has not one cell a heading. */
    public void add(List<String> cells, Map<String, Object> values) {
        if (cells.size() != headings.size()) {
            throw new IllegalArgumentException(
                    "row: found %d cells, wanted %d".formatted(cells.size(), headings.size()));
        }
        rows.add(new Row(List.copyOf(cells), new LinkedHashMap<>(values)));
    }

    /** The whole text without its last line break. */
    public String render(Format format) {
        return switch (format) {
            case TABLE -> columns();
            case JSON -> json();
        };
    }

    private String columns() {
        var lines = new ArrayList<List<String>>();
        lines.add(headings);
        rows.forEach(row -> lines.add(row.cells()));
        var widths = new int[headings.size()];
        for (var line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        var out = new ArrayList<String>();
        for (var line : lines) {
            var text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(line.get(i)).repeat(' ', widths[i] - line.get(i).length()).append(GAP);
            }
            out.add(text.toString().stripTrailing());
        }
        return String.join("\n", out);
    }

    private String json() {
        var mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        return mapper.valueToTree(rows.stream().map(Row::values).toList()).toPrettyString();
    }
}
