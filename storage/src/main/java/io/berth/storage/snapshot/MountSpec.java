package io.berth.storage.snapshot;

import java.util.List;

/**
 * One mount that a shim makes for a container's root, in mount(8)'s words.
 *
 * @param type file system type, {@code overlay} or {@code bind}
 * @param source device or directory
 * @param options as after {@code mount -o}, in order
 */
public record MountSpec(String type, String source, List<String> options) {
    /** Copies the options. */
    public MountSpec {
        options = List.copyOf(options);
    }

    /** The value of the option {@code name=value}, or the empty string. */
    String option(String name) {
        return options.stream()
                .filter(option -> option.startsWith(name + "="))
                .map(option -> option.substring(name.length() + 1))
                .findFirst()
                .orElse("");
    }
}
