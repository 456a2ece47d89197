package io.berth.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;

/** Reads and writes JSON objects of strangers: bounded depth, numbers and strings, no trailer. */
final class Json {
    private static final JsonMapper WRITER = new JsonMapper();

    /** Far more than the routes of a result that is accepted, and than any configuration. */
    private static final JsonLimits LIMITS = new JsonLimits(4 << 20, 64, 10_000, 50_000, 1 << 20);

    private static final ForeignJson READER = ForeignJson.within(LIMITS);

    /** A file of the cache holds a configuration and the results of its plugins. */
    private static final ForeignJson CACHED =
            ForeignJson.within(LIMITS.withDepth(96).withNodes(500_000).withBytes(8 << 20));

    private Json() {}

    /**
     * The object that {@code bytes} are.
     *
     * @throws IllegalArgumentException anything else, with what was found
     */
    static ObjectNode object(byte[] bytes) {
        return object(READER, bytes);
    }

    /** The object in a file of the cache, which holds several that {@link #object(byte[])} took. */
    static ObjectNode cached(byte[] bytes) {
        return object(CACHED, bytes);
    }

    private static ObjectNode object(ForeignJson reader, byte[] bytes) {
        JsonNode node;
        try {
            node = reader.tree(bytes);
        } catch (MalformedJson malformed) {
            throw new IllegalArgumentException(
                    "found malformed JSON (%s)".formatted(Excerpt.of(malformed.found())),
                    malformed);
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalArgumentException(
                "found %s, wanted a JSON object".formatted(ForeignJson.kind(node)));
    }

    static ObjectNode newObject() {
        return JsonNodeFactory.instance.objectNode();
    }

    static byte[] bytes(JsonNode node) {
        try {
            return WRITER.writeValueAsBytes(node);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree that cannot be written", impossible);
        }
    }

    static String text(JsonNode node) {
        try {
            return WRITER.writeValueAsString(node);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree that cannot be written", impossible);
        }
    }

    /** The kind of a node, for messages: "a string", "an array", "null". */
    static String kind(JsonNode node) {
        return ForeignJson.kind(node);
    }
}
