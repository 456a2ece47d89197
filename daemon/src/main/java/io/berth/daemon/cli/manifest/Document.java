package io.berth.daemon.cli.manifest;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One YAML or JSON file as a tree, with the line of every field. Fields that are null are left out,
 * as an API server does. No tags, at most 64 levels, 100,000 nodes and 3 MiB.
 *
 * @param lines by path, such as {@code spec.containers[0].image}; counted from 1
 */
record Document(Path file, ObjectNode root, Map<String, Integer> lines) {
    private static final int MAX_BYTES = 3 << 20;
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NODES = 100_000;

    /** Reads a file. Throws {@link ManifestException} if it is no such thing. */
    static Document read(Path file) {
        var lines = new HashMap<String, Integer>();
        var problems = new Problems(file, lines);
        var nodes = compose(text(file), problems);
        if (nodes.size() != 1) {
            problems.add("", "found %d documents, wanted one Pod".formatted(nodes.size()));
            problems.refuse();
        }
        var builder = new Builder(lines, problems);
        var root = builder.value(nodes.getFirst(), "", 0);
        if (!(root instanceof ObjectNode object)) {
            problems.add("", "found no fields, wanted a Pod");
            problems.refuse();
            throw new AssertionError("refused");
        }
        problems.refuse();
        return new Document(file, object, lines);
    }

    private static String text(Path file) {
        var problems = new Problems(file, Map.of());
        try {
            if (Files.size(file) > MAX_BYTES) {
                problems.add("", "found more than %d bytes".formatted(MAX_BYTES));
            } else {
                var text = Files.readString(file);
                // Tabs separate in JSON and never stand inside its texts; YAML takes none.
                return text.stripLeading().startsWith("{") ? text.replace('\t', ' ') : text;
            }
        } catch (CharacterCodingException _) {
            problems.add("", "found bytes that are no UTF-8, wanted YAML or JSON");
        } catch (IOException e) {
            throw new ManifestException(
                    List.of(file + ": cannot be read: " + e.getClass().getSimpleName()));
        }
        problems.refuse();
        throw new AssertionError("refused");
    }

    private static List<Node> compose(String text, Problems problems) {
        var options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setMaxAliasesForCollections(50);
        options.setAllowRecursiveKeys(false);
        var nodes = new java.util.ArrayList<Node>();
        try {
            for (var node : new Yaml(options).composeAll(new java.io.StringReader(text))) {
                if (!node.getTag().equals(Tag.NULL)) {
                    nodes.add(node);
                }
            }
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            problems.at(
                    mark == null ? 1 : mark.getLine() + 1,
                    "not YAML: " + String.valueOf(e.getProblem()).strip());
            problems.refuse();
        } catch (YAMLException e) {
            problems.add("", "not YAML: " + String.valueOf(e.getMessage()).strip());
            problems.refuse();
        }
        return nodes;
    }

    /** Turns nodes into a tree, and remembers where they were. */
    private static final class Builder {
        private final Map<String, Integer> lines;
        private final Problems problems;
        private int nodes;

        Builder(Map<String, Integer> lines, Problems problems) {
            this.lines = lines;
            this.problems = problems;
        }

        JsonNode value(Node node, String path, int depth) {
            int line = node.getStartMark().getLine() + 1;
            lines.putIfAbsent(path, line);
            nodes++;
            if (depth > MAX_DEPTH || nodes > MAX_NODES) {
                problems.at(
                        line,
                        "found more than %d levels or %d values, perhaps an alias of what it stands in"
                                .formatted(MAX_DEPTH, MAX_NODES));
                problems.refuse();
            }
            return switch (node) {
                case MappingNode mapping -> mapping(mapping, path, depth);
                case SequenceNode sequence -> {
                    var array = JsonNodeFactory.instance.arrayNode();
                    for (var each : sequence.getValue()) {
                        array.add(value(each, path + "[" + array.size() + "]", depth + 1));
                    }
                    yield array;
                }
                case ScalarNode scalar -> scalar(scalar);
                default -> throw new IllegalStateException("unresolved node " + node.getTag());
            };
        }

        private JsonNode mapping(MappingNode mapping, String path, int depth) {
            var object = JsonNodeFactory.instance.objectNode();
            for (var entry : mapping.getValue()) {
                int line = entry.getKeyNode().getStartMark().getLine() + 1;
                if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                    problems.at(line, path + ": found a key that is no text");
                    continue;
                }
                var name = key.getValue();
                var below = path.isEmpty() ? name : path + "." + name;
                if (lines.putIfAbsent(below, line) != null) {
                    problems.at(line, below + ": found twice");
                }
                var value = value(entry.getValueNode(), below, depth + 1);
                if (!value.isNull()) {
                    object.set(name, value);
                }
            }
            return object;
        }

        private static JsonNode scalar(ScalarNode scalar) {
            var text = scalar.getValue();
            var factory = JsonNodeFactory.instance;
            var tag = scalar.getTag();
            if (tag.equals(Tag.NULL)) {
                return factory.nullNode();
            }
            if (tag.equals(Tag.BOOL)) {
                return factory.booleanNode(
                        switch (text.toLowerCase(java.util.Locale.ROOT)) {
                            case "true", "yes", "on" -> true;
                            default -> false;
                        });
            }
            if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
                try {
                    var number = new java.math.BigDecimal(text);
                    return number.scale() <= 0 && number.precision() - number.scale() < 19
                            ? factory.numberNode(number.longValueExact())
                            : factory.numberNode(number);
                } catch (ArithmeticException | NumberFormatException _) {
                    return factory.stringNode(text); // hexadecimal and the like: no field wants it
                }
            }
            return factory.stringNode(text);
        }
    }
}
