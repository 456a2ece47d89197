package io.berth.sandbox.criu;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One message of an image file, read strictly: CRIU's parser must not see other values than this
 * one. An unknown field, a wrong form, a value that does not fit its type, and a second value of a
 * single field are refused.
 */
final class ImageMessage {
    /** Deeper than any message is nested, folders of cgroups aside. */
    private static final int MAX_DEPTH = 24;

    private final String name;
    private final Map<String, List<Object>> values = new HashMap<>();

    private ImageMessage(String name) {
        this.name = name;
    }

    /** Counts what one checkpoint makes berth keep, so that memory stays bounded. */
    static final class Budget {
        private final long most;
        private long used;

        Budget(long most) {
            this.most = most;
        }

        void take(long bytes) {
            used += bytes;
            if (used > most) {
                throw new MalformedImage(
                        "found more than %d bytes of values, wanted fewer".formatted(most));
            }
        }
    }

    /** Reads a message from its bytes. */
    static ImageMessage read(ImageSchema schema, String name, byte[] bytes, Budget budget) {
        try {
            return read(schema, name, CodedInputStream.newInstance(bytes), budget, 0);
        } catch (IOException e) {
            throw new MalformedImage(
                    "%s: found damaged bytes (%s)".formatted(name, e.getMessage()));
        }
    }

    private static ImageMessage read(
            ImageSchema schema, String name, CodedInputStream in, Budget budget, int depth)
            throws IOException {
        if (depth > MAX_DEPTH) {
            throw new MalformedImage("%s: found more than %d levels".formatted(name, MAX_DEPTH));
        }
        budget.take(64);
        var message = new ImageMessage(name);
        var fields = schema.message(name);
        var seen = new HashSet<Integer>();
        while (!in.isAtEnd()) {
            int tag = in.readTag();
            int number = WireFormat.getTagFieldNumber(tag);
            var field = fields.get(number);
            if (field == null) {
                throw new MalformedImage("%s: found unknown field %d".formatted(name, number));
            }
            if (!seen.add(number) && !field.repeated()) {
                throw new MalformedImage(
                        "%s.%s: found two values, wanted one".formatted(name, field.name()));
            }
            var value = value(schema, message, field, tag, in, budget, depth);
            if (field.kept()) {
                budget.take(32);
                message.values.computeIfAbsent(field.name(), _ -> new ArrayList<>(1)).add(value);
            }
        }
        return message;
    }

    private static Object value(
            ImageSchema schema,
            ImageMessage message,
            ImageSchema.Field field,
            int tag,
            CodedInputStream in,
            Budget budget,
            int depth)
            throws IOException {
        int wanted =
                switch (field.kind()) {
                    case U32, U64, I32, S32, S64, BOOL -> WireFormat.WIRETYPE_VARINT;
                    case F64 -> WireFormat.WIRETYPE_FIXED64;
                    case BYTES, MESSAGE -> WireFormat.WIRETYPE_LENGTH_DELIMITED;
                };
        if (WireFormat.getTagWireType(tag) != wanted) {
            throw message.bad(field, "another form");
        }
        return switch (field.kind()) {
            case U64, S64 -> in.readRawVarint64();
            case F64 -> in.readRawLittleEndian64();
            case U32, S32 -> {
                long value = in.readRawVarint64();
                if (value >>> 32 != 0) {
                    throw message.bad(field, "more than 32 bits");
                }
                yield field.kind() == ImageSchema.Kind.U32
                        ? value
                        : (long) CodedInputStream.decodeZigZag32((int) value);
            }
            case I32 -> {
                long value = in.readRawVarint64();
                if (value != (int) value) {
                    throw message.bad(field, "more than 32 bits");
                }
                yield value;
            }
            case BOOL -> {
                long value = in.readRawVarint64();
                if (value != 0 && value != 1) {
                    throw message.bad(field, "neither true nor false");
                }
                yield value;
            }
            case BYTES -> {
                var bytes = in.readBytes();
                budget.take(field.kept() ? bytes.size() : 0);
                yield bytes;
            }
            case MESSAGE -> {
                int old = in.pushLimit(in.readRawVarint32());
                var inner = read(schema, field.message(), in, budget, depth + 1);
                in.popLimit(old);
                yield inner;
            }
        };
    }

    private MalformedImage bad(ImageSchema.Field field, String found) {
        return new MalformedImage("%s.%s: found %s".formatted(name, field.name(), found));
    }

    boolean has(String field) {
        return values.containsKey(field);
    }

    /** Returns a number, or 0 if the field is absent, as CRIU takes it. */
    long number(String field) {
        return number(field, 0);
    }

    long number(String field, long absent) {
        var all = numbers(field);
        return all.isEmpty() ? absent : all.getFirst();
    }

    List<Long> numbers(String field) {
        return values.getOrDefault(field, List.of()).stream().map(Long.class::cast).toList();
    }

    Optional<ImageMessage> message(String field) {
        return messages(field).stream().findFirst();
    }

    List<ImageMessage> messages(String field) {
        return values.getOrDefault(field, List.of()).stream()
                .map(ImageMessage.class::cast)
                .toList();
    }

    List<ByteString> bytes(String field) {
        return values.getOrDefault(field, List.of()).stream().map(ByteString.class::cast).toList();
    }

    /** Returns a text, or an empty one if the field is absent. CRIU's texts end at a NUL. */
    String text(String field) {
        var all = bytes(field);
        return all.isEmpty() ? "" : text(field, all.getFirst());
    }

    String text(String field, ByteString bytes) {
        try {
            var text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(bytes.toByteArray()))
                            .toString();
            if (text.indexOf(0) < 0) {
                return text;
            }
        } catch (CharacterCodingException e) {
            // said below
        }
        throw new MalformedImage("%s.%s: found bytes that are no text".formatted(name, field));
    }
}
