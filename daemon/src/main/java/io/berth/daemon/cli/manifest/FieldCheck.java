package io.berth.daemon.cli.manifest;

import tools.jackson.databind.JsonNode;

/** Holds every field that is set against the table of those that are taken. */
final class FieldCheck {
    private static final int MAX_SHOWN = 40;

    private final Problems problems;

    FieldCheck(Problems problems) {
        this.problems = problems;
    }

    /**
     * Notes every field of a tree that is refused or of the wrong kind.
     *
     * @param path where the tree stands, with indices; empty for the root
     * @param pattern the same without indices
     */
    void check(JsonNode tree, String path, String pattern) {
        for (var field : tree.properties()) {
            var at = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
            var key = pattern.isEmpty() ? field.getKey() : pattern + "." + field.getKey();
            var rule = PodFields.rule(key);
            if (rule.isEmpty()) {
                problems.add(at, PodFields.refusal(key) + "; remove it");
            } else if (!rule.get().takes(field.getValue())) {
                problems.add(
                        at,
                        "found %s, wanted %s"
                                .formatted(shown(field.getValue()), rule.get().wanted()));
            } else {
                below(rule.get(), field.getValue(), at, key);
            }
        }
    }

    private void below(FieldRule rule, JsonNode value, String at, String key) {
        switch (rule) {
            case OBJECT -> check(value, at, key);
            case OBJECTS -> {
                for (int i = 0; i < value.size(); i++) {
                    check(value.get(i), at + "[" + i + "]", key + "[]");
                }
            }
            case TEXT, TEXTS, FLAG, COUNT, COUNTS, TEXT_BY_NAME, AMOUNT_BY_NAME, IRRELEVANT -> {}
        }
    }

    private static String shown(JsonNode value) {
        var text = value.toString();
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
