package io.berth.sandbox.cdi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Holds objects of a CDI file against the fields that they may have. */
final class CdiFields {
    /** What a field's value is. */
    enum Kind {
        TEXT("a text"),
        TEXTS("a list of texts"),
        NAMED_TEXTS("texts by name"),
        NUMBER("a whole number"),
        ID("a number from 0 to 4294967295"),
        IDS("a list of numbers from 0 to 4294967295"),
        FLAG("true or false"),
        OBJECT("an object"),
        OBJECTS("a list of objects");

        private final String wanted;

        Kind(String wanted) {
            this.wanted = wanted;
        }

        private boolean fits(JsonNode node) {
            return switch (this) {
                case TEXT -> node.isTextual();
                case TEXTS -> node.isArray() && all(node, JsonNode::isTextual);
                case NAMED_TEXTS -> node.isObject() && all(node, JsonNode::isTextual);
                case NUMBER -> node.isIntegralNumber() && node.canConvertToLong();
                case ID ->
                        node.isIntegralNumber()
                                && node.canConvertToLong()
                                && node.asLong() >= 0
                                && node.asLong() <= 0xffff_ffffL;
                case IDS -> node.isArray() && all(node, ID::fits);
                case FLAG -> node.isBoolean();
                case OBJECT -> node.isObject();
                case OBJECTS -> node.isArray() && all(node, JsonNode::isObject);
            };
        }

        private static boolean all(JsonNode node, Predicate<JsonNode> condition) {
            for (var each : node) {
                if (!condition.test(each)) {
                    return false;
                }
            }
            return true;
        }
    }

    private CdiFields() {}

    /**
     * The object itself, without fields that are null.
     *
     * @throws CdiProblem for a field that is unknown, missing or of another kind
     */
    static ObjectNode checked(
            @Nullable JsonNode node, String where, Map<String, Kind> known, List<String> needed)
            throws CdiProblem {
        if (!(node instanceof ObjectNode object)) {
            throw new CdiProblem(where + ": found something else, wanted an object");
        }
        var copy = JsonNodeFactory.instance.objectNode();
        for (var field : object.properties()) {
            var kind = known.get(field.getKey());
            if (kind == null) {
                throw new CdiProblem("%s: found unknown field %s".formatted(where, field.getKey()));
            }
            if (field.getValue().isNull()) {
                continue;
            }
            if (!kind.fits(field.getValue())) {
                throw new CdiProblem(
                        "%s.%s: found something else, wanted %s"
                                .formatted(where, field.getKey(), kind.wanted));
            }
            copy.set(field.getKey(), field.getValue());
        }
        for (var name : needed) {
            if (!copy.has(name)
                    || (copy.get(name).isTextual() && copy.get(name).asText().isEmpty())) {
                throw new CdiProblem("%s: found no %s".formatted(where, name));
            }
        }
        return copy;
    }

    /** The elements of a list that may be absent. */
    static ArrayNode list(ObjectNode object, String name) {
        return object.get(name) instanceof ArrayNode list
                ? list
                : JsonNodeFactory.instance.arrayNode();
    }
}
