package io.berth.daemon.config;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * A table written out again as TOML that is read as the same: a line a key, tables in them inline.
 */
final class TomlText {
    private TomlText() {}

    static String of(TomlTable table) {
        return table.keySet().stream()
                .sorted()
                .map(key -> entry(table, key) + "\n")
                .collect(Collectors.joining());
    }

    private static String entry(TomlTable table, String key) {
        return quoted(key) + " = " + value(table.get(List.of(key)));
    }

    private static String value(@Nullable Object value) {
        return switch (value) {
            case String text -> quoted(text);
            case TomlArray list ->
                    list.toList().stream()
                            .map(TomlText::value)
                            .collect(Collectors.joining(", ", "[", "]"));
            case TomlTable table ->
                    table.keySet().stream()
                            .sorted()
                            .map(key -> entry(table, key))
                            .collect(Collectors.joining(", ", "{ ", " }"));
            case Double number when number.isNaN() -> "nan";
            case Double number when number.isInfinite() -> number > 0 ? "inf" : "-inf";
            case null, default -> String.valueOf(value); // numbers, truths and times
        };
    }

    private static String quoted(String text) {
        var out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f) {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
