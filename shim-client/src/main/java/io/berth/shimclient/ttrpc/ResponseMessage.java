package io.berth.shimclient.ttrpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What a response frame holds: a status, and the payload if the status is OK. */
record ResponseMessage(int code, String message, ByteString payload) {
    private static final int STATUS = 1;
    private static final int PAYLOAD = 2;
    private static final int CODE = 1;
    private static final int MESSAGE = 2;

    static ResponseMessage ok(ByteString payload) {
        return new ResponseMessage(0, "", payload);
    }

    static ResponseMessage failed(StatusCode code, String message) {
        return new ResponseMessage(code.number(), message, ByteString.EMPTY);
    }

    ByteString encode() {
        var bytes = ByteString.newOutput(16 + payload.size());
        try {
            var out = CodedOutputStream.newInstance(bytes);
            if (code != 0) {
                int size =
                        CodedOutputStream.computeInt32Size(CODE, code)
                                + CodedOutputStream.computeStringSize(MESSAGE, message);
                out.writeTag(STATUS, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(size);
                out.writeInt32(CODE, code);
                out.writeString(MESSAGE, message);
            }
            if (!payload.isEmpty()) {
                out.writeBytes(PAYLOAD, payload);
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
    static ResponseMessage decode(ByteString bytes) throws IOException {
        var in = bytes.newCodedInput();
        int code = 0;
        var message = "";
        var payload = ByteString.EMPTY;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (STATUS << 3) | 2 -> {
                    int limit = in.pushLimit(in.readRawVarint32());
                    for (int inner = in.readTag(); inner != 0; inner = in.readTag()) {
                        switch (inner) {
                            case CODE << 3 -> code = in.readInt32();
                            case (MESSAGE << 3) | 2 -> message = in.readString();
                            default -> in.skipField(inner);
                        }
                    }
                    in.popLimit(limit);
                }
                case (PAYLOAD << 3) | 2 -> payload = in.readBytes();
                default -> in.skipField(tag);
            }
        }
        return new ResponseMessage(code, message, payload);
    }
}
