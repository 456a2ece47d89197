package io.berth.e2e.pod;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Changes image files of CRIU that hold one message. Before the message are two magic numbers (one
 * in the inventory) and its size.
 */
public final class CriuImages {
    private static final int INVENTORY = 0x58313116;

    private CriuImages() {}

    /**
     * Returns an image file in which a number has another value.
     *
     * @param way the numbers of the fields that lead to the message with the number
     * @param field the number's own field; each of its values is changed
     */
    public static byte[] changed(byte[] file, List<Integer> way, int field, long value)
            throws InvalidProtocolBufferException {
        var message = changed(message(file), way, field, value).toByteArray();
        return ByteBuffer.allocate(head(file) + message.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(file, 0, head(file) - Integer.BYTES)
                .putInt(message.length)
                .put(message)
                .array();
    }

    /** Returns a number of an image file. */
    public static long number(byte[] file, List<Integer> way, int field)
            throws InvalidProtocolBufferException {
        var message = message(file);
        for (int step : way) {
            message = inner(message, step);
        }
        return message.getField(field).getVarintList().getFirst();
    }

    private static int head(byte[] file) {
        int first = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt();
        return first == INVENTORY ? 2 * Integer.BYTES : 3 * Integer.BYTES;
    }

    private static UnknownFieldSet message(byte[] file) throws InvalidProtocolBufferException {
        var bytes = ByteBuffer.wrap(file, head(file), file.length - head(file));
        return UnknownFieldSet.parseFrom(ByteString.copyFrom(bytes));
    }

    private static UnknownFieldSet inner(UnknownFieldSet message, int field)
            throws InvalidProtocolBufferException {
        return UnknownFieldSet.parseFrom(
                message.getField(field).getLengthDelimitedList().getFirst());
    }

    private static UnknownFieldSet changed(
            UnknownFieldSet message, List<Integer> way, int field, long value)
            throws InvalidProtocolBufferException {
        var builder = message.toBuilder();
        var changed = UnknownFieldSet.Field.newBuilder();
        if (way.isEmpty()) {
            int count = Math.max(1, message.getField(field).getVarintList().size());
            for (int i = 0; i < count; i++) {
                changed.addVarint(value);
            }
            return builder.clearField(field).mergeField(field, changed.build()).build();
        }
        int step = way.getFirst();
        var inner = changed(inner(message, step), way.subList(1, way.size()), field, value);
        changed.addLengthDelimited(inner.toByteString());
        return builder.clearField(step).mergeField(step, changed.build()).build();
    }
}
