package io.berth.storage.metadata;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Records of one family to bytes and back. */
final class RecordCodec<T> {
    private static final int MAX_RECORD_BYTES = 4 << 20;
    private static final ObjectMapper MAPPER = Json.mapper();
    private static final String VERSION = "version";
    private static final String BODY = "body";

    private final Family<T> family;
    private final ObjectWriter writer;
    private final ObjectReader reader;

    RecordCodec(Family<T> family) {
        this.family = family;
        this.writer = MAPPER.writerFor(family.type());
        this.reader = MAPPER.readerFor(family.type());
    }

    byte[] encode(T value) {
        var bytes = new ByteArrayOutputStream(512);
        try (var json = MAPPER.getFactory().createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField(VERSION, family.version());
            json.writeFieldName(BODY);
            writer.writeValue(json, value);
            json.writeEndObject();
        } catch (IOException notJson) {
            throw new UncheckedIOException(notJson);
        }
        return limited(bytes.toByteArray());
    }

    T decode(String key, byte[] bytes) {
        var envelope = envelope(key, bytes);
        int version = envelope.get(VERSION).intValue();
        if (version != family.version()) {
            throw unreadable(
                    key, "found version %d, wanted %d".formatted(version, family.version()));
        }
        try {
            return reader.readValue(envelope.get(BODY));
        } catch (IOException | IllegalArgumentException malformed) {
            throw new MetadataException.UnreadableRecord(family.name(), key, malformed);
        }
    }

    /**
     * The record in the family's current version; empty when it is in it already.
     *
     * @param also what the steps move to other families
     */
    Optional<byte[]> migrate(String key, byte[] bytes, Batch also) {
        var envelope = envelope(key, bytes);
        int version = envelope.get(VERSION).intValue();
        if (version == family.version()) {
            return Optional.empty();
        }
        int oldest = family.version() - family.migrations().size();
        if (version > family.version() || version < oldest) {
            throw unreadable(
                    key,
                    "found version %d, wanted %d to %d"
                            .formatted(version, oldest, family.version()));
        }
        if (!(envelope.get(BODY) instanceof ObjectNode body)) {
            throw unreadable(key, "found a body that is no object");
        }
        for (var step : family.migrations().subList(version - oldest, family.version() - oldest)) {
            body = step.migrate(key, body, also);
        }
        envelope.put(VERSION, family.version());
        envelope.set(BODY, body);
        try {
            return Optional.of(limited(MAPPER.writeValueAsBytes(envelope)));
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** The number in a family's version marker. */
    static int markerVersion(String family, byte[] bytes) {
        try {
            JsonNode version = MAPPER.readTree(bytes).get(VERSION);
            if (version != null && version.canConvertToInt()) {
                return version.intValue();
            }
        } catch (IOException malformed) {
            throw new MetadataException.UnreadableRecord("default", family, malformed);
        }
        throw new MetadataException.UnreadableRecord("default", family, "found no version");
    }

    static byte[] marker(int version) {
        try {
            return MAPPER.writeValueAsBytes(MAPPER.createObjectNode().put(VERSION, version));
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private ObjectNode envelope(String key, byte[] bytes) {
        JsonNode read;
        try {
            read = MAPPER.readTree(bytes);
        } catch (IOException malformed) {
            throw new MetadataException.UnreadableRecord(family.name(), key, malformed);
        }
        if (read instanceof ObjectNode envelope
                && envelope.path(VERSION).canConvertToInt()
                && envelope.has(BODY)) {
            return envelope;
        }
        throw unreadable(key, "found no version and body");
    }

    private byte[] limited(byte[] bytes) {
        if (bytes.length > MAX_RECORD_BYTES) {
            throw new MetadataException.TooLarge(family.name(), bytes.length, MAX_RECORD_BYTES);
        }
        return bytes;
    }

    private MetadataException.UnreadableRecord unreadable(String key, String found) {
        return new MetadataException.UnreadableRecord(family.name(), key, found);
    }
}
