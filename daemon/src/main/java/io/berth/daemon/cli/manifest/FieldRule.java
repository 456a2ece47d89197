package io.berth.daemon.cli.manifest;

import tools.jackson.databind.JsonNode;

/** What a field may hold. */
enum FieldRule {
    OBJECT("fields"),
    OBJECTS("a list of objects"),
    TEXT("a text; quote it if it looks like something else"),
    TEXTS("a list of texts"),
    FLAG("true or false"),
    COUNT("a whole number"),
    COUNTS("a list of whole numbers"),
    TEXT_BY_NAME("names with texts"),
    AMOUNT_BY_NAME("names with amounts such as 100m or 64Mi"),
    /** Nothing here reads it, and nothing that it could change would be noticed. */
    IRRELEVANT("anything");

    private final String wanted;

    FieldRule(String wanted) {
        this.wanted = wanted;
    }

    String wanted() {
        return wanted;
    }

    /** Whether a value is of this kind, as far as one can tell without what is in it. */
    boolean takes(JsonNode value) {
        return switch (this) {
            case OBJECT -> value.isObject();
            case OBJECTS -> value.isArray() && all(value, JsonNode::isObject);
            case TEXT -> value.isString();
            case TEXTS -> value.isArray() && all(value, JsonNode::isString);
            case FLAG -> value.isBoolean();
            case COUNT -> value.isIntegralNumber();
            case COUNTS -> value.isArray() && all(value, JsonNode::isIntegralNumber);
            case TEXT_BY_NAME -> value.isObject() && all(value, JsonNode::isString);
            case AMOUNT_BY_NAME ->
                    value.isObject() && all(value, each -> each.isString() || each.isNumber());
            case IRRELEVANT -> true;
        };
    }

    private static boolean all(JsonNode value, java.util.function.Predicate<JsonNode> is) {
        for (var each : value) {
            if (!is.test(each)) {
                return false;
            }
        }
        return true;
    }
}
