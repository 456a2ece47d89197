package io.berth.sandbox.cdi;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A device's full name: {@code vendor.com/class=device}.
 *
 * @param kind vendor and class
 */
record CdiName(String kind, String device) {
    private static final Pattern KIND_PART =
            Pattern.compile("[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?");
    private static final Pattern DEVICE =
            Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9_.:-]*[A-Za-z0-9])?");

    /** The name that a text is, if it is one. */
    static Optional<CdiName> parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            return Optional.empty();
        }
        var name = new CdiName(text.substring(0, equals), text.substring(equals + 1));
        return isKind(name.kind()) && isDevice(name.device())
                ? Optional.of(name)
                : Optional.empty();
    }

    static boolean isKind(String text) {
        int slash = text.indexOf('/');
        return slash > 0
                && KIND_PART.matcher(text.substring(0, slash)).matches()
                && KIND_PART.matcher(text.substring(slash + 1)).matches();
    }

    static boolean isDevice(String text) {
        return DEVICE.matcher(text).matches();
    }

    @Override
    public String toString() {
        return kind + "=" + device;
    }
}
