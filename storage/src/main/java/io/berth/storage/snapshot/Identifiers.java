package io.berth.storage.snapshot;

/** The form that keys, names and draft ids share. */
final class Identifiers {
    private static final int MAX_LENGTH = 256;

    private Identifiers() {}

    static void check(String what, String value) {
        if (value.isEmpty()
                || value.length() > MAX_LENGTH
                || !value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "%s: found \"%s\", wanted 1 to %d printable ASCII characters without blanks"
                            .formatted(what, value, MAX_LENGTH));
        }
    }
}
