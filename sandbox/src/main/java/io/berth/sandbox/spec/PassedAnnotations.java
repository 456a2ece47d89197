package io.berth.sandbox.spec;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Which annotations a runtime handler lets through to its OCI runtime. A pattern is that of Go's
 * path.Match, as in containerd: {@code *} and {@code ?} stand for anything but a slash, {@code
 * [a-z]} for one of these, a backslash takes the next character as it is.
 */
public final class PassedAnnotations {
    /** Names a configuration of CRIU, which can make CRIU run programs as root. */
    private static final String CRIU_CONFIG = "org.criu.config";

    private final List<Pattern> patterns;

    private PassedAnnotations(List<Pattern> patterns) {
        this.patterns = patterns;
    }

    /**
     * Those that any of the patterns lets through.
     *
     * @throws IllegalArgumentException naming the pattern that makes no sense
     */
    public static PassedAnnotations of(List<String> patterns) {
        return new PassedAnnotations(patterns.stream().map(PassedAnnotations::compiled).toList());
    }

    /** Those of the annotations that a pattern fits, but for CRIU's configuration. */
    public Map<String, String> of(Map<String, String> annotations) {
        var passed = new TreeMap<String, String>();
        annotations.forEach(
                (name, value) -> {
                    if (!name.equals(CRIU_CONFIG)
                            && patterns.stream().anyMatch(p -> p.matcher(name).matches())) {
                        passed.put(name, value);
                    }
                });
        return passed;
    }

    private static Pattern compiled(String pattern) {
        var regex = new StringBuilder();
        int at = 0;
        while (at < pattern.length()) {
            char c = pattern.charAt(at++);
            switch (c) {
                case '*' -> regex.append("[^/]*");
                case '?' -> regex.append("[^/]");
                case '[' -> {
                    int end = pattern.indexOf(']', at + 1);
                    if (end < 0) {
                        throw wrong(pattern, "a [ that nothing closes");
                    }
                    regex.append(choice(pattern, pattern.substring(at, end)));
                    at = end + 1;
                }
                case '\\' -> {
                    if (at == pattern.length()) {
                        throw wrong(pattern, "a backslash with nothing after it");
                    }
                    regex.append(Pattern.quote(String.valueOf(pattern.charAt(at++))));
                }
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString());
    }

    private static String choice(String pattern, String inside) {
        boolean negated = inside.startsWith("^");
        var characters = negated ? inside.substring(1) : inside;
        if (!characters.matches("(?:[A-Za-z0-9._]-[A-Za-z0-9._]|[A-Za-z0-9._/])+")) {
            throw wrong(pattern, "[" + inside + "]");
        }
        return "[" + (negated ? "^" : "") + characters.replace(".", "\\.") + "]";
    }

    private static IllegalArgumentException wrong(String pattern, String found) {
        return new IllegalArgumentException(
                "pattern \"%s\": found %s, wanted characters, *, ? and ranges such as [a-z]"
                        .formatted(pattern, found));
    }
}
