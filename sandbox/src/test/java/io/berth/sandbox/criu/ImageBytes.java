package io.berth.sandbox.criu;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A message of an image file that a test writes, by the names of its fields. */
final class ImageBytes {
    private final String message;
    private final Map<String, List<Object>> values = new LinkedHashMap<>();
    private final ByteArrayOutputStream raw = new ByteArrayOutputStream();

    ImageBytes(String message) {
        this.message = message;
    }

    /** Adds a value: a number, a text, bytes, or a message. */
    ImageBytes add(String field, Object value) {
        values.computeIfAbsent(field, _ -> new ArrayList<>()).add(value);
        return this;
    }

    /** Replaces the values of a field. */
    ImageBytes set(String field, Object... others) {
        values.put(field, new ArrayList<>(List.of(others)));
        return this;
    }

    ImageBytes drop(String field) {
        values.remove(field);
        return this;
    }

    /** Adds a field by its number that the schema need not know. */
    ImageBytes unknown(int number, long value) {
        try {
            var out = CodedOutputStream.newInstance(raw);
            out.writeUInt64(number, value);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    ImageBytes inner(String field) {
        return (ImageBytes) values.getOrDefault(field, List.of()).getFirst();
    }

    byte[] bytes() {
        var bytes = new ByteArrayOutputStream();
        try {
            var out = CodedOutputStream.newInstance(bytes);
            for (var entry : values.entrySet()) {
                for (var value : entry.getValue()) {
                    write(out, number(entry.getKey()), value);
                }
            }
            out.flush();
            bytes.write(raw.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private int number(String field) {
        return ImageSchema.builtIn().message(message).entrySet().stream()
                .filter(each -> each.getValue().name().equals(field))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private static void write(CodedOutputStream out, int number, Object value) throws IOException {
        switch (value) {
            case ImageBytes inner -> out.writeByteArray(number, inner.bytes());
            case byte[] bytes -> out.writeByteArray(number, bytes);
            case String text -> out.writeString(number, text);
            case Integer small -> out.writeInt64(number, small);
            case Long large -> out.writeInt64(number, large);
            default -> throw new IllegalArgumentException(value.toString());
        }
    }

    /** A whole image file. */
    static byte[] file(String name, List<ImageBytes> messages) {
        var kind = ImageSchema.builtIn().file(name).orElseThrow();
        var out = new ByteArrayOutputStream();
        if (!name.equals("inventory")) {
            out.writeBytes(word(0x54564319));
        }
        out.writeBytes(word(kind.magic()));
        for (var each : messages) {
            var bytes = each.bytes();
            out.writeBytes(word(bytes.length));
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] word(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    /** Returns a copy of a file that is cut short, or in which a few bytes are others. */
    static byte[] damaged(byte[] file, Random random, boolean cut) {
        if (cut) {
            return Arrays.copyOf(file, random.nextInt(file.length));
        }
        var bytes = file.clone();
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }
}
