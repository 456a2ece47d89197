package io.berth.sandbox.spec;

import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The table of field rules, one line a field, tab-separated:
 *
 * <pre>
 * Message.field            honoured|refused|irrelevant   passes   reason
 * Message.field.subfield   overrides Message2.subfield where that message stands in that field
 *
 * passes: any | unset | fields | a value | several values with | between; "" is the empty text
 * </pre>
 */
final class FieldRules {
    private static final String PACKAGE = "runtime.v1.";
    private static final String RESOURCE = "fields.tsv";

    private final Map<String, FieldRule> rules;

    private FieldRules(Map<String, FieldRule> rules) {
        this.rules = Map.copyOf(rules);
    }

    /** Reads the table that is built in. */
    static FieldRules load() {
        try (var in = FieldRules.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + ": not among the class files");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Throws {@link IllegalArgumentException} naming the line that makes no sense. */
    static FieldRules parse(String table) {
        var rules = new HashMap<String, FieldRule>();
        for (var line : table.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            var columns = List.of(line.split("\t+", -1));
            if (columns.size() != 4) {
                throw new IllegalArgumentException(
                        "%s: found \"%s\", wanted 4 columns".formatted(RESOURCE, line));
            }
            if (rules.put(columns.getFirst(), rule(columns)) != null) {
                throw new IllegalArgumentException(
                        "%s: found %s twice".formatted(RESOURCE, columns.getFirst()));
            }
        }
        return new FieldRules(rules);
    }

    private static FieldRule rule(List<String> columns) {
        var verdict = FieldRule.Verdict.valueOf(columns.get(1).toUpperCase(Locale.ROOT));
        FieldRule.Passes passes =
                switch (columns.get(2)) {
                    case "any" -> new FieldRule.Passes.Anything();
                    case "unset" -> new FieldRule.Passes.Unset();
                    case "fields" -> new FieldRule.Passes.ItsFields();
                    default -> new FieldRule.Passes.OneOf(values(columns.get(2)));
                };
        return new FieldRule(verdict, passes, columns.get(3));
    }

    private static Set<String> values(String column) {
        return Arrays.stream(column.split("\\|", -1))
                .map(value -> value.equals("\"\"") ? "" : value)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The name under which a field stands in the table. */
    static String name(FieldDescriptor field) {
        var full = field.getFullName();
        return full.startsWith(PACKAGE) ? full.substring(PACKAGE.length()) : full;
    }

    /**
     * The rule of a field.
     *
     * @param within name of the field that its message stands in; empty for a request
     */
    Optional<FieldRule> find(String within, FieldDescriptor field) {
        var special = rules.get(within + "." + field.getName());
        return Optional.ofNullable(special == null ? rules.get(name(field)) : special);
    }

    /** Every name in the table. */
    List<String> names() {
        var names = new ArrayList<>(rules.keySet());
        names.sort(null);
        return names;
    }
}
