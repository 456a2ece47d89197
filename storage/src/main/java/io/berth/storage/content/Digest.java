package io.berth.storage.content;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The hash that names some bytes, written {@code sha256:…} (OCI image-spec, descriptor.md,
 * "Digests"). sha256 is the one algorithm accepted; others are refused by name.
 *
 * @param algorithm {@code sha256}
 * @param hex 64 lower-case hexadecimal digits
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
    static final String SHA256 = "sha256";
    private static final int SHA256_HEX_LENGTH = 64;

    /** Checks the form. */
    public Digest {
        if (!algorithm.equals(SHA256)) {
            throw new IllegalArgumentException(
                    "digest algorithm: found \"%s\", wanted sha256"
                            .formatted(shortened(algorithm)));
        }
        if (hex.length() != SHA256_HEX_LENGTH
                || !hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException(
                    "digest: found \"%s\", wanted %d lower-case hexadecimal digits"
                            .formatted(shortened(hex), SHA256_HEX_LENGTH));
        }
    }

    /**
     * Reads {@code algorithm:hex}.
     *
     * @throws IllegalArgumentException when it is not one
     */
    @JsonCreator
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(
                    "digest: found \"%s\", wanted sha256:HEX".formatted(shortened(text)));
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The digest of {@code bytes}. */
    public static Digest sha256(byte[] bytes) {
        return ofHash(newSha256().digest(bytes));
    }

    static Digest ofHash(byte[] hash) {
        return new Digest(SHA256, HexFormat.of().formatHex(hash));
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    @Override
    public int compareTo(Digest other) {
        return toString().compareTo(other.toString());
    }

    @Override
    @JsonValue
    public String toString() {
        return algorithm + ":" + hex;
    }
}
