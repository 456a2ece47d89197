package io.berth.sandbox.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.foreign.ForeignJson;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The JSON form of OCI runtime documents (runtime-spec, config.md). */
final class OciJson {
    /** Old enough for every runtime in use: nothing newer is written. */
    static final String VERSION = "1.0.2";

    private static final ObjectMapper WRITER = new ObjectMapper();

    private OciJson() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    static ArrayNode array(Collection<String> values) {
        var array = array();
        values.forEach(array::add);
        return array;
    }

    static ArrayNode array(String... values) {
        return array(List.of(values));
    }

    /** In the order of the keys, so that equal requests give equal bytes. */
    static ObjectNode object(Map<String, String> values) {
        var object = object();
        new TreeMap<>(values).forEach(object::put);
        return object;
    }

    static byte[] bytes(JsonNode document) {
        try {
            return WRITER.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree of plain nodes is always written", e);
        }
    }

    /** Throws {@link IllegalStateException} for what berth cannot have written. */
    static JsonNode parse(byte[] document) {
        return ForeignJson.OWN.own("config.json", document);
    }
}
