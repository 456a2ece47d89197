package io.berth.daemon.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tomlj.Toml;

/**
 * The values that are set, or else the defaults of their keys, and what is wrong with them beyond
 * their kind. Problems are collected, so that all are told at once.
 */
final class Values {
    private final Path file;
    private final Map<String, Object> set;
    private final List<Problem> problems = new ArrayList<>();

    /** The values of a main file and its drop-ins, by their keys; problems name {@code file}. */
    Values(Path file, Map<String, Object> set) {
        this.file = file;
        this.set = Map.copyOf(set);
    }

    /** The keys that are set. */
    Set<String> keys() {
        return set.keySet();
    }

    /** Collects what is wrong with a key: what was found and what was wanted. */
    void refuse(String key, String message) {
        problems.add(new Problem(file, 0, key + ": " + message));
    }

    /**
     * Returns if nothing was refused.
     *
     * @throws ConfigException with every problem
     */
    void check() {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private Object get(String key) {
        var value = set.get(key);
        if (value != null) {
            return value;
        }
        var known = ConfigKey.of(List.of(key.split("\\.", -1))).orElseThrow();
        var parsed = Toml.parse("v = " + known.standard());
        return switch (known.kind()) {
            case PATH, TEXT -> String.valueOf(parsed.getString("v"));
            case PATHS, TEXTS -> parsed.getArrayOrEmpty("v").toList();
            case FLAG -> Boolean.TRUE.equals(parsed.getBoolean("v"));
            case TABLE -> "";
            case COUNT -> Math.toIntExact(parsed.getLong("v", () -> 0L));
            case DURATION -> ConfigFile.duration(parsed.getString("v", () -> "")).orElseThrow();
        };
    }

    String text(String key) {
        return (String) get(key);
    }

    Optional<String> optionalText(String key) {
        return Optional.of(text(key)).filter(text -> !text.isEmpty());
    }

    Path path(String key) {
        return Path.of(text(key));
    }

    Optional<Path> optionalPath(String key) {
        return optionalText(key).map(Path::of);
    }

    List<Path> paths(String key) {
        return ((List<?>) get(key)).stream().map(each -> Path.of((String) each)).toList();
    }

    List<String> texts(String key) {
        return ((List<?>) get(key)).stream().map(String.class::cast).toList();
    }

    int count(String key) {
        return (Integer) get(key);
    }

    boolean flag(String key) {
        return (Boolean) get(key);
    }

    Duration duration(String key) {
        return (Duration) get(key);
    }
}
