package io.berth.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/** One TOML file, read and checked key by key; its problems are collected, not thrown. */
final class ConfigFile {
    private static final int MAX_BYTES = 1 << 20;
    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,8})(ms|s|m|h)");

    private final Path file;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();

    private ConfigFile(Path file) {
        this.file = file;
    }

    /** Reads a file. One that cannot be read has that as its problem. */
    static ConfigFile read(Path file) {
        var config = new ConfigFile(file);
        try {
            if (Files.size(file) > MAX_BYTES) {
                config.problem(0, "found more than %d bytes".formatted(MAX_BYTES));
                return config;
            }
            config.parse(Files.readString(file));
        } catch (IOException e) {
            config.problem(0, "cannot be read: " + e);
        }
        return config;
    }

    /** Every value by its path, if there is no problem. */
    Map<String, Object> values() {
        return values;
    }

    List<Problem> problems() {
        return problems;
    }

    private void problem(int line, String message) {
        problems.add(new Problem(file, line, message));
    }

    private void parse(String text) {
        TomlParseResult toml = Toml.parse(text);
        toml.errors().forEach(e -> problem(e.position().line(), String.valueOf(e.getMessage())));
        if (toml.hasErrors()) {
            return;
        }
        for (var path : paths(toml)) {
            var position = toml.inputPositionOf(path);
            int line = position == null ? 0 : position.line();
            var name = String.join(".", path);
            var dotted = path.stream().filter(part -> part.contains(".")).findFirst();
            if (dotted.isPresent()) {
                problem(
                        line,
                        "%s: found \"%s\", wanted a name without dots, as Kubernetes has them"
                                .formatted(name, dotted.get()));
                continue;
            }
            var key = ConfigKey.of(path);
            if (key.isEmpty()) {
                problem(
                        line,
                        "%s: unknown key; did you mean %s?"
                                .formatted(name, ConfigKey.nearest(name)));
                continue;
            }
            var value = toml.get(path);
            var taken = taken(key.get().kind(), value);
            if (taken.isPresent()) {
                values.put(name, taken.get());
            } else {
                problem(
                        line,
                        "%s: found %s, wanted %s"
                                .formatted(name, shown(value), key.get().kind().wanted()));
            }
        }
    }

    /** The path of each value; what is in a table that is taken as a whole has its path. */
    private static Set<List<String>> paths(TomlParseResult toml) {
        var paths = new LinkedHashSet<List<String>>();
        for (var path : toml.keyPathSet(false)) {
            var table =
                    IntStream.range(1, path.size())
                            .mapToObj(length -> path.subList(0, length))
                            .filter(ConfigFile::isTable)
                            .findFirst();
            paths.add(table.orElse(path));
        }
        return paths;
    }

    private static boolean isTable(List<String> path) {
        return ConfigKey.of(path).filter(key -> key.kind() == ConfigKey.Kind.TABLE).isPresent();
    }

    private static String shown(@Nullable Object value) {
        return value instanceof String text ? "\"" + text + "\"" : String.valueOf(value);
    }

    /** The value as its kind wants it, or nothing. */
    private static Optional<Object> taken(ConfigKey.Kind kind, @Nullable Object value) {
        return switch (kind) {
            case TEXT -> value instanceof String ? Optional.of(value) : Optional.empty();
            case FLAG -> value instanceof Boolean ? Optional.of(value) : Optional.empty();
            case COUNT ->
                    value instanceof Long count && count >= 1 && count <= 1 << 20
                            ? Optional.of(count.intValue())
                            : Optional.empty();
            case PATH ->
                    value instanceof String text && (text.isEmpty() || text.startsWith("/"))
                            ? Optional.of(text)
                            : Optional.empty();
            case PATHS -> value instanceof TomlArray list ? paths(list) : Optional.empty();
            case TEXTS -> value instanceof TomlArray list ? texts(list) : Optional.empty();
            case TABLE ->
                    value instanceof TomlTable table
                            ? Optional.of(TomlText.of(table))
                            : Optional.empty();
            case DURATION -> value instanceof String text ? duration(text) : Optional.empty();
        };
    }

    private static Optional<Object> paths(TomlArray list) {
        var paths = new ArrayList<String>();
        for (var each : list.toList()) {
            if (!(each instanceof String text) || !text.startsWith("/")) {
                return Optional.empty();
            }
            paths.add(text);
        }
        return paths.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(paths));
    }

    private static Optional<Object> texts(TomlArray list) {
        var texts = new ArrayList<String>();
        for (var each : list.toList()) {
            if (!(each instanceof String text) || text.isEmpty()) {
                return Optional.empty();
            }
            texts.add(text);
        }
        return Optional.of(List.copyOf(texts));
    }

    static Optional<Object> duration(String text) {
        var match = DURATION.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(match.group(1));
        return Optional.of(
                switch (match.group(2)) {
                    case "ms" -> Duration.ofMillis(count);
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    default -> Duration.ofHours(count);
                });
    }
}
