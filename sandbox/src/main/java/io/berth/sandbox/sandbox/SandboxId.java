package io.berth.sandbox.sandbox;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Names one pod sandbox for its whole life: 64 lower-case hex digits, as containerd's tools expect.
 *
 * @param value the 64 digits
 */
public record SandboxId(String value) {
    private static final Pattern WANTED = Pattern.compile("[0-9a-f]{64}");
    private static final SecureRandom RANDOM = new SecureRandom();

    public SandboxId {
        if (!WANTED.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "sandbox id: found '%s', wanted 64 lower-case hex digits".formatted(value));
        }
    }

    /** A new id, from 256 random bits. */
    public static SandboxId random() {
        var bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return new SandboxId(HexFormat.of().formatHex(bytes));
    }

    @Override
    public String toString() {
        return value;
    }
}
