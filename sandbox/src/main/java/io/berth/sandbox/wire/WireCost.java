package io.berth.sandbox.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a message takes of the heap once it is parsed, found from its bytes without parsing it. Many
 * tiny fields take far more than their bytes: an entry of a map with one letter each costs some
 * twenty times of what it has on the wire.
 *
 * <p>The figures are those of a 64-bit JVM with compact headers, rounded up.
 */
public final class WireCost {
    private static final int MESSAGE = 56;
    private static final int MAP_ENTRY = 64;
    private static final int TEXT = 48;
    private static final int NUMBER = 16;
    private static final int UNKNOWN = 96;

    /** Depth at which protobuf refuses a message. */
    private static final int MAX_DEPTH = 100;

    private WireCost() {}

    /** The cost in bytes of a message; of one that does not parse, the most that it can have. */
    public static long of(Descriptor type, ByteBuffer bytes) {
        try {
            return message(type, CodedInputStream.newInstance(bytes.duplicate()), 0);
        } catch (IOException malformed) {
            return MESSAGE + (long) UNKNOWN * bytes.remaining();
        }
    }

    /** The cost in bytes of a message that is to be parsed from its bytes. */
    public static long of(Message message) {
        return of(message.getDescriptorForType(), message.toByteString().asReadOnlyByteBuffer());
    }

    private static long message(Descriptor type, CodedInputStream in, int depth)
            throws IOException {
        long cost = MESSAGE;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            cost +=
                    field(
                            type.findFieldByNumber(WireFormat.getTagFieldNumber(tag)),
                            in,
                            tag,
                            depth);
        }
        return cost;
    }

    private static long field(
            @Nullable FieldDescriptor field, CodedInputStream in, int tag, int depth)
            throws IOException {
        if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            in.skipField(tag);
            return field == null ? UNKNOWN : NUMBER;
        }
        int length = in.readRawVarint32();
        if (field != null
                && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && depth < MAX_DEPTH) {
            int outer = in.pushLimit(length);
            long cost = message(field.getMessageType(), in, depth + 1);
            in.popLimit(outer);
            return cost + (field.isMapField() ? MAP_ENTRY : 0);
        }
        in.skipRawBytes(length);
        if (field == null) {
            return (long) UNKNOWN + length;
        }
        return TEXT + (packed(field) ? 8L * length : (long) length);
    }

    private static boolean packed(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case STRING, BYTE_STRING, MESSAGE -> false;
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM -> true;
        };
    }
}
