package io.berth.imageservice.pull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.berth.imageservice.image.ImageException;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Manifests and configurations, read within limits on depth, lengths and the number of values.
 * Every accessor either finds what it is asked for or says which field is wrong.
 */
final class JsonDocument {

    private static final int MAX_LISTED = 100_000;

    /**
     * Some twenty times what large images have. An index of as many entries as are taken has 20,000
     * values, a configuration with 500 layers and their history 4,000.
     */
    private static final JsonLimits LIMITS =
            new JsonLimits(ManifestReader.MAX_CONFIG_BYTES, 64, 40_000, 80_000, 4 << 20);

    private static final ForeignJson READER = ForeignJson.within(LIMITS);

    private final String subject;
    private final JsonNode node;

    private JsonDocument(String subject, JsonNode node) {
        this.subject = subject;
        this.node = node;
    }

    /**
     * The object in {@code bytes}.
     *
     * @param subject begins every message, such as {@code image …: manifest}
     */
    static JsonDocument object(String subject, byte[] bytes) {
        JsonDocument read = read(subject, bytes);
        if (!read.node.isObject()) {
            throw read.malformed("the document", "no object");
        }
        return read;
    }

    /** The list of objects in {@code bytes}. */
    static List<JsonDocument> list(String subject, byte[] bytes) {
        JsonDocument read = read(subject, bytes);
        return read.elements("the document", read.node);
    }

    private static JsonDocument read(String subject, byte[] bytes) {
        try {
            return new JsonDocument(subject, READER.tree(bytes));
        } catch (MalformedJson malformed) {
            throw new ImageException.InvalidManifest(
                    "%s: no JSON: %s".formatted(subject, malformed.foundWithoutWords()), malformed);
        }
    }

    boolean has(String field) {
        return node.hasNonNull(field);
    }

    /** A text that must be there. */
    String text(String field) {
        JsonNode value = node.path(field);
        if (!value.isTextual()) {
            throw malformed(field, value.isMissingNode() ? "nothing" : "no text");
        }
        return value.textValue();
    }

    /** A text, or the empty string when the field is missing or null. */
    String textOrEmpty(String field) {
        return has(field) ? text(field) : "";
    }

    /** A whole number from 0 up that must be there. */
    long count(String field) {
        JsonNode value = node.path(field);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw malformed(field, value.isMissingNode() ? "nothing" : "no number from 0 up");
        }
        return value.longValue();
    }

    /** An object; an empty one when the field is missing or null. */
    JsonDocument child(String field) {
        JsonNode value = node.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return new JsonDocument(subject, JsonNodeFactory.instance.objectNode());
        }
        if (!value.isObject()) {
            throw malformed(field, "no object");
        }
        return new JsonDocument(subject, value);
    }

    /** A list of objects; empty when the field is missing or null. */
    List<JsonDocument> children(String field) {
        return has(field) ? elements(field, node.path(field)) : List.of();
    }

    private List<JsonDocument> elements(String field, JsonNode value) {
        if (!value.isArray() || value.size() > MAX_LISTED) {
            throw malformed(field, value.isArray() ? value.size() + " elements" : "no list");
        }
        List<JsonDocument> elements = new ArrayList<>();
        for (JsonNode element : value) {
            if (!element.isObject()) {
                throw malformed(field, "an element that is no object");
            }
            elements.add(new JsonDocument(subject, element));
        }
        return elements;
    }

    /** A list of texts; empty when the field is missing or null. */
    List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        if (!has(field)) {
            return texts;
        }
        JsonNode value = node.path(field);
        if (!value.isArray() || value.size() > MAX_LISTED) {
            throw malformed(field, value.isArray() ? value.size() + " elements" : "no list");
        }
        for (JsonNode element : value) {
            if (!element.isTextual()) {
                throw malformed(field, "an element that is no text");
            }
            texts.add(element.textValue());
        }
        return texts;
    }

    /** Texts by name; values of other kinds are refused. */
    Map<String, String> textsByName(String field) {
        Map<String, String> texts = new LinkedHashMap<>();
        JsonDocument child = child(field);
        child.node.fieldNames().forEachRemaining(name -> texts.put(name, child.text(name)));
        return texts;
    }

    /** The names in an object; empty when the field is missing or null. */
    List<String> names(String field) {
        List<String> names = new ArrayList<>();
        child(field).node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    ImageException malformed(String field, String found) {
        return new ImageException.InvalidManifest(
                "%s: field %s: found %s".formatted(subject, field, found), null);
    }

    ImageException malformed(String field, String found, String wanted) {
        return new ImageException.InvalidManifest(
                "%s: field %s: found %s, wanted %s".formatted(subject, field, found, wanted), null);
    }
}
