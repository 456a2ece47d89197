package io.berth.sandbox.settings;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What a shim is for, as containerd names it after the shim's program: {@code
 * containerd-shim-kata-v2} is {@code io.containerd.kata.v2}. A program that is not called so is
 * taken for one of runc's.
 */
public record ShimType(String name) {
    private static final String PREFIX = "io.containerd.";
    private static final Pattern PROGRAM =
            Pattern.compile("containerd-shim-([a-z0-9_.]+)-(v[0-9]+)");

    public static ShimType of(Path shim) {
        var program = PROGRAM.matcher(String.valueOf(shim.getFileName()));
        return new ShimType(
                program.matches()
                        ? PREFIX + program.group(1) + "." + program.group(2)
                        : PREFIX + "runc.v2");
    }

    /** Whether it runs runc, or what is called like runc, and takes options that say how. */
    public boolean isRunc() {
        return name.startsWith(PREFIX + "runc.");
    }
}
