package io.berth.e2e.image;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Bytes with their digest and media type.
 *
 * @param bytes the content, which nobody changes
 */
@SuppressWarnings("ArrayRecordComponent") // handed on to an HTTP body, never compared
public record Blob(String mediaType, byte[] bytes) {
    /** In the form {@code sha256:hex}. */
    public String digest() {
        try {
            return "sha256:"
                    + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** As an OCI descriptor. */
    String descriptor() {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(mediaType, digest(), bytes.length);
    }
}
