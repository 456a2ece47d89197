package io.berth.linux.foreign;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Builds the tree of one document, and counts what it is made of. Used once, by one thread. */
final class TreeBuilder {
    /** Bytes on the heap of a 64-bit JVM with compressed pointers, rounded up. */
    private static final int OBJECT_BYTES = 80;

    private static final int FIRST_MEMBER_BYTES = 80;
    private static final int MEMBER_BYTES = 48;
    private static final int LIST_BYTES = 48;
    private static final int FIRST_ELEMENT_BYTES = 56;
    private static final int ELEMENT_BYTES = 8;
    private static final int TEXT_BYTES = 56;
    private static final int NUMBER_BYTES = 24;

    /** How much is taken from the memory at once, as asking costs time. */
    private static final int PORTION = 16 << 10;

    private static final int SHOWN_CHARS = 80;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonParser parser;
    private final JsonLimits limits;
    private final boolean once;
    private final JsonMemory memory;
    private int nodes;
    private int depth;
    private int inHand;

    TreeBuilder(JsonParser parser, JsonLimits limits, boolean once, JsonMemory memory) {
        this.parser = parser;
        this.limits = limits;
        this.once = once;
        this.memory = memory;
    }

    /** The value at the parser's current token; afterwards the parser is at its last token. */
    JsonNode value() throws IOException {
        if (++nodes > limits.nodes()) {
            throw exceeded("%d values".formatted(limits.nodes()));
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> object();
            case START_ARRAY -> list();
            case VALUE_STRING -> {
                take(TEXT_BYTES + bytes());
                yield NODES.textNode(parser.getText());
            }
            case VALUE_NUMBER_INT -> {
                take(NUMBER_BYTES);
                yield whole();
            }
            case VALUE_NUMBER_FLOAT -> {
                take(NUMBER_BYTES);
                yield NODES.numberNode(parser.getDoubleValue());
            }
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new MalformedJson("found no value", line());
        };
    }

    /** Bytes of the current text on the heap: one a character if all are Latin, else two. */
    private int bytes() throws IOException {
        var characters = parser.getTextCharacters();
        int from = parser.getTextOffset();
        int length = parser.getTextLength();
        for (int i = from; i < from + length; i++) {
            if (characters[i] > 0xff) {
                return 2 * length;
            }
        }
        return length;
    }

    private JsonNode whole() throws IOException {
        return switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> NODES.numberNode(parser.getLongValue());
            default -> {
                take(2 * parser.getTextLength());
                yield NODES.numberNode(parser.getBigIntegerValue());
            }
        };
    }

    private ObjectNode object() throws IOException {
        deeper();
        take(OBJECT_BYTES);
        var object = NODES.objectNode();
        int members = 0;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            count(++members, FIRST_MEMBER_BYTES);
            take(MEMBER_BYTES + TEXT_BYTES + 2 * name.length());
            parser.nextToken();
            var before = object.replace(name, value());
            if (once && before != null) {
                var shown = name.substring(0, Math.min(name.length(), SHOWN_CHARS));
                throw new MalformedJson(
                        "found '%s' twice in one object".formatted(shown), line(), true);
            }
        }
        depth--;
        return object;
    }

    private ArrayNode list() throws IOException {
        deeper();
        take(LIST_BYTES);
        var list = NODES.arrayNode();
        int elements = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            count(++elements, FIRST_ELEMENT_BYTES);
            take(ELEMENT_BYTES);
            list.add(value());
        }
        depth--;
        return list;
    }

    private void count(int members, int firstBytes) throws MalformedJson {
        if (members == 1) {
            take(firstBytes);
        }
        if (members > limits.members()) {
            throw exceeded("%d members of one object or list".formatted(limits.members()));
        }
    }

    private void deeper() throws MalformedJson {
        if (++depth > limits.depth()) {
            throw exceeded("%d levels of objects and lists".formatted(limits.depth()));
        }
    }

    private void take(int bytes) {
        if (inHand < bytes) {
            int portion = Math.max(PORTION, bytes);
            memory.take(portion);
            inHand += portion;
        }
        inHand -= bytes;
    }

    private MalformedJson exceeded(String limit) {
        return new MalformedJson(
                "found more than %s, wanted at most that many".formatted(limit), line());
    }

    private int line() {
        return Math.max(1, parser.currentLocation().getLineNr());
    }
}
