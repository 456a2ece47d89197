package io.berth.sandbox.runtime;

import java.util.regex.Pattern;

/** The kernel's version, as far as features depend on it. */
record KernelVersion(int major, int minor) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(\\D.*)?");

    /** mount_setattr(2). */
    private static final KernelVersion RECURSIVE_READ_ONLY = new KernelVersion(5, 12);

    /** overlayfs takes id-mapped lower directories. */
    private static final KernelVersion IDMAPPED_LAYERS = new KernelVersion(5, 19);

    /** Throws {@link IllegalArgumentException} for a text such as {@code 6.18.3} it is not. */
    static KernelVersion parse(String release) {
        var matcher = FORM.matcher(release);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "kernel release: found '%s', wanted one such as 6.1.0".formatted(release));
        }
        return new KernelVersion(
                Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    HandlerFeatures features() {
        return new HandlerFeatures(since(RECURSIVE_READ_ONLY), since(IDMAPPED_LAYERS));
    }

    private Feature since(KernelVersion needed) {
        boolean there = major > needed.major || (major == needed.major && minor >= needed.minor);
        return there
                ? Feature.PRESENT
                : Feature.absent(
                        "the kernel is %d.%d, and %d.%d is the first that has it"
                                .formatted(major, minor, needed.major, needed.minor));
    }
}
