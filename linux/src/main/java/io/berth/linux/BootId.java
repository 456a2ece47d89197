package io.berth.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Names this boot of the machine: process ids and mounts recorded under another are gone. */
public record BootId(String value) {
    public BootId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("boot id: found nothing, wanted an identifier");
        }
    }

    /** Reads /proc/sys/kernel/random/boot_id. */
    public static BootId read() throws IOException {
        return new BootId(Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
    }
}
