package io.berth.shimclient.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a request frame holds.
 *
 * @param timeoutNanos 0 for none
 * @param metadata of a repeated key the first value counts
 */
record RequestMessage(
        String service,
        String method,
        ByteString payload,
        long timeoutNanos,
        Map<String, String> metadata) {
    private static final int SERVICE = 1;
    private static final int METHOD = 2;
    private static final int PAYLOAD = 3;
    private static final int TIMEOUT = 4;
    private static final int METADATA = 5;
    private static final int KEY = 1;
    private static final int VALUE = 2;

    RequestMessage {
        metadata = Map.copyOf(metadata);
    }

    ByteString encode() {
        var bytes = ByteString.newOutput(64 + payload.size());
        try {
            var out = CodedOutputStream.newInstance(bytes);
            out.writeString(SERVICE, service);
            out.writeString(METHOD, method);
            if (!payload.isEmpty()) {
                out.writeBytes(PAYLOAD, payload);
            }
            if (timeoutNanos > 0) {
                out.writeInt64(TIMEOUT, timeoutNanos);
            }
            for (var entry : metadata.entrySet()) {
                int size =
                        CodedOutputStream.computeStringSize(KEY, entry.getKey())
                                + CodedOutputStream.computeStringSize(VALUE, entry.getValue());
                out.writeTag(METADATA, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(size);
                out.writeString(KEY, entry.getKey());
                out.writeString(VALUE, entry.getValue());
            }
            out.flush();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteString();
    }

    /**
     * Reads what a frame held.
     *
     * @throws IOException if the bytes are no such message
     */
    static RequestMessage decode(ByteString bytes) throws IOException {
        var in = bytes.newCodedInput();
        var service = "";
        var method = "";
        var payload = ByteString.EMPTY;
        long timeoutNanos = 0;
        var metadata = new LinkedHashMap<String, String>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (SERVICE << 3) | 2 -> service = in.readStringRequireUtf8();
                case (METHOD << 3) | 2 -> method = in.readStringRequireUtf8();
                case (PAYLOAD << 3) | 2 -> payload = in.readBytes();
                case TIMEOUT << 3 -> timeoutNanos = in.readInt64();
                case (METADATA << 3) | 2 -> readMetadata(in, metadata);
                default -> in.skipField(tag);
            }
        }
        return new RequestMessage(service, method, payload, timeoutNanos, metadata);
    }

    private static void readMetadata(CodedInputStream in, Map<String, String> metadata)
            throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        var key = "";
        var value = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (KEY << 3) | 2 -> key = in.readStringRequireUtf8();
                case (VALUE << 3) | 2 -> value = in.readStringRequireUtf8();
                default -> in.skipField(tag);
            }
        }
        in.popLimit(limit);
        metadata.putIfAbsent(key, value);
    }
}
