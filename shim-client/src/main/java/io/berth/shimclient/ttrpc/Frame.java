package io.berth.shimclient.ttrpc;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;

/**
 * One TTRPC frame as it stands on the wire.
 *
 * @param streamId names the call; odd when the client began it
 * @param type 1 request, 2 response, 3 stream data
 * @param flags meaningful for streams only
 * @param payload at most {@link #MAX_PAYLOAD_BYTES}
 */
record Frame(int streamId, int type, int flags, ByteString payload) {
    static final int HEADER_BYTES = 10;
    static final int MAX_PAYLOAD_BYTES = 4 << 20;
    static final int REQUEST = 1;
    static final int RESPONSE = 2;

    Frame {
        if (payload.size() > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException(
                    "ttrpc frame: payload of %d bytes, at most %d wanted"
                            .formatted(payload.size(), MAX_PAYLOAD_BYTES));
        }
        if (type < 0 || type > 255 || flags < 0 || flags > 255) {
            throw new IllegalArgumentException(
                    "ttrpc frame: type %d and flags %d, one byte each wanted"
                            .formatted(type, flags));
        }
    }

    static Frame request(int streamId, ByteString payload) {
        return new Frame(streamId, REQUEST, 0, payload);
    }

    static Frame response(int streamId, ByteString payload) {
        return new Frame(streamId, RESPONSE, 0, payload);
    }

    /** Header and payload, ready to be written. */
    ByteBuffer encode() {
        return ByteBuffer.allocate(HEADER_BYTES + payload.size())
                .putInt(payload.size())
                .putInt(streamId)
                .put((byte) type)
                .put((byte) flags)
                .put(payload.asReadOnlyByteBuffer())
                .flip();
    }
}
