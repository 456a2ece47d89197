package io.berth.daemon.cli.manifest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects what is wrong in one file, each with the line of the field or of what it is in. */
final class Problems {
    private record Problem(int line, String text) {}

    private final Path file;
    private final Map<String, Integer> lines;
    private final List<Problem> found = new ArrayList<>();

    /**
     * @param lines where each path stands, counted from 1
     */
    Problems(Path file, Map<String, Integer> lines) {
        this.file = file;
        this.lines = lines;
    }

    /** Notes a problem of the field at a path; the empty path is the whole file. */
    void add(String path, String message) {
        at(line(path), path.isEmpty() ? message : path + ": " + message);
    }

    /** Notes a problem of a line. */
    void at(int line, String message) {
        found.add(new Problem(line, message));
    }

    private int line(String path) {
        var at = path;
        while (!lines.containsKey(at) && !at.isEmpty()) {
            at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
        }
        return lines.getOrDefault(at, 1);
    }

    /** Throws all that has been found, by line, if anything has. */
    void refuse() {
        if (found.isEmpty()) {
            return;
        }
        found.sort((a, b) -> Integer.compare(a.line(), b.line()));
        throw new ManifestException(
                found.stream().map(p -> file + ":" + p.line() + ": " + p.text()).toList());
    }
}
