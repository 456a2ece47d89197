package io.berth.sandbox.container;

import io.berth.sandbox.sandbox.SandboxId;
import java.util.regex.Pattern;

/**
 * Names one container for its whole life: 64 lower-case hex digits, as containerd's tools expect.
 *
 * @param value the 64 digits
 */
public record ContainerId(String value) {
    private static final Pattern WANTED = Pattern.compile("[0-9a-f]{64}");

    public ContainerId {
        if (!WANTED.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "container id: found '%s', wanted 64 lower-case hex digits".formatted(value));
        }
    }

    /** A new id, from 256 random bits. */
    public static ContainerId random() {
        return new ContainerId(SandboxId.random().value());
    }

    @Override
    public String toString() {
        return value;
    }
}
