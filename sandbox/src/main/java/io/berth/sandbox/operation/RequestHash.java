package io.berth.sandbox.operation;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells whether two requests ask for the same. */
final class RequestHash {
    private RequestHash() {}

    /**
     * The sha256 of a request, equal for equal requests whatever the order of their map entries.
     */
    static String of(Message request) {
        try {
            var bytes = new ByteArrayOutputStream(request.getSerializedSize());
            var out = CodedOutputStream.newInstance(bytes);
            out.useDeterministicSerialization();
            request.writeTo(out);
            out.flush();
            var sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(bytes.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a byte array takes every write
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
