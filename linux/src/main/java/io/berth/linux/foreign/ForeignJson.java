package io.berth.linux.foreign;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Reads JSON that somebody else wrote: registries, images, plugins, runtimes, archives. It reads
 * token by token and counts as it goes, so a document that exceeds one of its limits costs no more
 * memory than the limit allows.
 *
 * <p>Of members with equal names the last one wins, as with other readers of the field; {@link
 * #refusingDuplicates} changes that. Nothing but space may follow the document, unless {@link
 * #allowingMore} is asked for. Safe for use by several threads.
 */
public final class ForeignJson {
    /** Far more digits than any number of the field has. */
    private static final int NUMBER_CHARS = 128;

    /** For files that berth wrote itself, whose size was limited when they were written. */
    public static final ForeignJson OWN = within(JsonLimits.OWN).allowingMore();

    private final JsonLimits limits;
    private final boolean once;
    private final boolean more;
    private final JsonFactory factory;

    private ForeignJson(JsonLimits limits, boolean once, boolean more) {
        this.limits = limits;
        this.once = once;
        this.more = more;
        this.factory =
                JsonFactory.builder()
                        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                        .streamReadConstraints(
                                StreamReadConstraints.builder()
                                        .maxNestingDepth(limits.depth() + 1)
                                        .maxNumberLength(NUMBER_CHARS)
                                        .maxStringLength(limits.textChars())
                                        .maxNameLength(limits.textChars())
                                        .build())
                        .build();
    }

    /** Creates a reader that keeps to the limits. */
    public static ForeignJson within(JsonLimits limits) {
        return new ForeignJson(limits, false, false);
    }

    /** Returns a reader that refuses an object with two members of one name. */
    public ForeignJson refusingDuplicates() {
        return new ForeignJson(limits, true, more);
    }

    /** Returns a reader that ignores whatever follows the first value. */
    public ForeignJson allowingMore() {
        return new ForeignJson(limits, once, true);
    }

    /** The limits that hold. */
    public JsonLimits limits() {
        return limits;
    }

    /**
     * Returns the value that the bytes are, or a missing node where they are nothing but space. A
     * large one is charged to the request that this thread works for.
     *
     * @throws MalformedJson if they are no JSON, or exceed a limit
     * @throws MemoryExhausted if the request may not take so much memory
     */
    public JsonNode tree(byte[] bytes) throws MalformedJson {
        return tree(bytes, JsonMemory.ofThisRequest());
    }

    /**
     * Returns the value as {@link #tree(byte[])} does, and tells its size while it is built.
     *
     * @param memory told of each further piece of memory before it is taken
     * @throws MalformedJson if the bytes are no JSON, or exceed a limit
     */
    public JsonNode tree(byte[] bytes, JsonMemory memory) throws MalformedJson {
        if (bytes.length > limits.bytes()) {
            throw new MalformedJson(
                    "found %d bytes, wanted at most %d".formatted(bytes.length, limits.bytes()), 1);
        }
        try (JsonParser parser = factory.createParser(bytes)) {
            return read(parser, memory);
        } catch (StreamConstraintsException limit) {
            throw new MalformedJson(
                    "found a text of over %d characters or a number of over %d digits, wanted none"
                            .formatted(limits.textChars(), NUMBER_CHARS),
                    line(limit));
        } catch (JsonProcessingException malformed) {
            throw new MalformedJson(malformed.getOriginalMessage(), line(malformed), true);
        } catch (MalformedJson known) {
            throw known;
        } catch (IOException encoding) {
            // a broken character: Jackson reports some of them as plain I/O errors
            throw new MalformedJson(String.valueOf(encoding.getMessage()), 1, true);
        }
    }

    /**
     * Returns the object that the bytes are.
     *
     * @throws MalformedJson if they are anything else, or exceed a limit
     * @throws MemoryExhausted as {@link #tree(byte[])} does
     */
    public ObjectNode object(byte[] bytes) throws MalformedJson {
        var node = tree(bytes);
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new MalformedJson("found %s, wanted a JSON object".formatted(kind(node)), 1);
    }

    /**
     * Returns the value that bytes of berth's own are, where damage is a broken invariant.
     *
     * @param subject begins the message
     * @throws IllegalStateException if they are not JSON
     */
    public JsonNode own(String subject, byte[] bytes) {
        try {
            return tree(bytes);
        } catch (MalformedJson malformed) {
            throw new IllegalStateException(
                    "%s: is not JSON: %s".formatted(subject, malformed.found()), malformed);
        }
    }

    /** The kind of a node, for messages: "a string", "an array", "null". */
    public static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT, POJO -> "an object";
            case STRING, BINARY -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "a boolean";
            case NULL -> "null";
            case MISSING -> "nothing";
        };
    }

    private JsonNode read(JsonParser parser, JsonMemory memory) throws IOException {
        if (parser.nextToken() == null) {
            return MissingNode.getInstance();
        }
        var node = new TreeBuilder(parser, limits, once, memory).value();
        if (!more && parser.nextToken() != null) {
            throw new MalformedJson(
                    "found more after the end of the document, wanted nothing",
                    parser.currentLocation().getLineNr());
        }
        return node;
    }

    private static int line(JsonProcessingException problem) {
        var at = problem.getLocation();
        return at == null ? 1 : Math.max(1, at.getLineNr());
    }
}
