package io.berth.cni;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of Go's text/template that network configurations are written in: values, {@code range},
 * {@code if}, {@code else}, {@code end}, variables, comments, and dashes that trim white space.
 *
 * <pre>
 * {{.PodCIDR}}  {{range $i, $cidr := .PodCIDRRanges}}{{if $i}}, {{end}}"{{$cidr}}"{{end}}
 * </pre>
 *
 * <p>A value is a text, a number or a list of texts. Anything else in braces is refused with its
 * line.
 */
final class TextTemplate {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_RESULT = 1 << 20;
    private static final Pattern ACTION =
            Pattern.compile(
                    "\\{\\{(-\\s)?\\s*(/\\*.*?\\*/|[^{}]*?)\\s*(\\s-)?\\}\\}", Pattern.DOTALL);
    private static final String VALUE = "(\\$[A-Za-z0-9_]*(?:\\.[A-Za-z]+)?|\\.[A-Za-z]*)";
    private static final Pattern RANGE =
            Pattern.compile(
                    "range\\s+(?:\\$([A-Za-z0-9_]+)\\s*(?:,\\s*\\$([A-Za-z0-9_]+)\\s*)?:=\\s*)?"
                            + VALUE);
    private static final Pattern IF = Pattern.compile("if\\s+" + VALUE);
    private static final Pattern ONE_VALUE = Pattern.compile(VALUE);

    private final List<Part> parts;

    private TextTemplate(List<Part> parts) {
        this.parts = parts;
    }

    private sealed interface Part {
        record Text(String text) implements Part {}

        record Value(String name, int line) implements Part {}

        record If(String name, int line, List<Part> then, List<Part> otherwise) implements Part {}

        record Range(
                Optional<String> first,
                Optional<String> second,
                String name,
                int line,
                List<Part> body,
                List<Part> otherwise)
                implements Part {}
    }

    /** A block that is being read. */
    private static final class Open {
        private final Optional<Matcher> head;
        private final int line;
        private final List<Part> body = new ArrayList<>();
        private final List<Part> otherwise = new ArrayList<>();
        private boolean inElse;

        Open(Optional<Matcher> head, int line) {
            this.head = head;
            this.line = line;
        }

        List<Part> parts() {
            return inElse ? otherwise : body;
        }

        Part close() {
            var found = head.orElseThrow();
            if (found.pattern() == IF) {
                return new Part.If(found.group(1), line, body, otherwise);
            }
            return new Part.Range(
                    Optional.ofNullable(found.group(1)),
                    Optional.ofNullable(found.group(2)),
                    found.group(3),
                    line,
                    body,
                    otherwise);
        }
    }

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException naming the line and what is wrong there
     */
    static TextTemplate parse(String text) {
        var open = new ArrayList<Open>();
        open.add(new Open(Optional.empty(), 1));
        var action = ACTION.matcher(text);
        int at = 0;
        boolean trim = false;
        while (action.find(at)) {
            text(open.getLast(), text.substring(at, action.start()), trim, action.group(1) != null);
            take(open, action.group(2).strip(), line(text, action.start()));
            trim = action.group(3) != null;
            at = action.end();
        }
        text(open.getLast(), text.substring(at), trim, false);
        if (open.size() > 1) {
            throw wrong(open.getLast().line, "found no {{end}} for the block that begins here");
        }
        if (text.indexOf("{{", at) >= 0) {
            throw wrong(line(text, text.indexOf("{{", at)), "found {{ that nothing closes");
        }
        return new TextTemplate(open.getFirst().body);
    }

    private static void text(Open open, String text, boolean trimStart, boolean trimEnd) {
        var left = trimStart ? text.stripLeading() : text;
        open.parts().add(new Part.Text(trimEnd ? left.stripTrailing() : left));
    }

    private static void take(List<Open> open, String action, int line) {
        var value = ONE_VALUE.matcher(action);
        var range = RANGE.matcher(action);
        var condition = IF.matcher(action);
        if (action.startsWith("/*")) {
            return;
        }
        if (value.matches()) {
            open.getLast().parts().add(new Part.Value(action, line));
        } else if (range.matches() || condition.matches()) {
            if (open.size() > MAX_DEPTH) {
                throw wrong(line, "found more than %d blocks in each other".formatted(MAX_DEPTH));
            }
            open.add(new Open(Optional.of(range.matches() ? range : condition), line));
        } else if (action.equals("else") && open.size() > 1 && !open.getLast().inElse) {
            open.getLast().inElse = true;
        } else if (action.equals("end") && open.size() > 1) {
            var done = open.removeLast();
            open.getLast().parts().add(done.close());
        } else {
            throw wrong(
                    line,
                    "found {{%s}}, wanted a value such as .PodCIDR, range, if, else or end"
                            .formatted(Excerpt.of(action)));
        }
    }

    /**
     * The text that it makes of the values.
     *
     * @throws IllegalArgumentException naming the line of a value that is not there
     */
    String render(Map<String, Object> values) {
        var out = new StringBuilder();
        render(parts, new Scope(values, values, Map.of()), out);
        return out.toString();
    }

    /** What names mean: the dot, and variables. */
    private record Scope(Map<String, Object> root, Object dot, Map<String, Object> variables) {
        Object value(String name, int line) {
            Object found;
            if (name.equals(".")) {
                found = dot;
            } else if (name.startsWith("$.")) {
                found = root.get(name.substring(2));
            } else if (name.equals("$")) {
                found = root;
            } else if (name.startsWith("$")) {
                found = variables.get(name.substring(1));
            } else {
                found = dot instanceof Map<?, ?> map ? map.get(name.substring(1)) : null;
            }
            if (found == null) {
                throw wrong(line, "found %s, wanted one of %s".formatted(name, root.keySet()));
            }
            return found;
        }

        Scope with(Part.Range range, int index, Object element) {
            var more = new java.util.HashMap<>(variables);
            if (range.second().isPresent()) {
                more.put(range.first().orElseThrow(), index);
                more.put(range.second().get(), element);
            } else {
                range.first().ifPresent(name -> more.put(name, element));
            }
            return new Scope(root, element, more);
        }
    }

    private static void render(List<Part> parts, Scope scope, StringBuilder out) {
        for (var part : parts) {
            switch (part) {
                case Part.Text(var text) -> out.append(text);
                case Part.Value(var name, var line) -> {
                    var value = scope.value(name, line);
                    if (!(value instanceof String) && !(value instanceof Integer)) {
                        throw wrong(line, name + ": found a list, wanted one text; use range");
                    }
                    out.append(value);
                }
                case Part.If(var name, var line, var then, var otherwise) ->
                        render(holds(scope.value(name, line)) ? then : otherwise, scope, out);
                case Part.Range range -> range(range, scope, out);
            }
            if (out.length() > MAX_RESULT) {
                throw new IllegalArgumentException(
                        "found a result of more than %d characters".formatted(MAX_RESULT));
            }
        }
    }

    private static void range(Part.Range range, Scope scope, StringBuilder out) {
        if (!(scope.value(range.name(), range.line()) instanceof List<?> list)) {
            throw wrong(range.line(), range.name() + ": found one value, wanted a list");
        }
        if (list.isEmpty()) {
            render(range.otherwise(), scope, out);
        }
        int index = 0;
        for (var element : list) {
            render(range.body(), scope.with(range, index++, element), out);
        }
    }

    private static boolean holds(Object value) {
        return switch (value) {
            case Integer number -> number != 0;
            case String text -> !text.isEmpty();
            case List<?> list -> !list.isEmpty();
            default -> true;
        };
    }

    private static int line(String text, int at) {
        return 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
    }

    private static IllegalArgumentException wrong(int line, String what) {
        return new IllegalArgumentException("line %d: %s".formatted(line, what));
    }
}
