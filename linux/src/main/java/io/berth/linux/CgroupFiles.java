package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads the small text files of cgroups. */
final class CgroupFiles {
    /** v1 says "no limit" as the largest multiple of a page (page_counter.h). */
    private static final long UNLIMITED = 0x7ffffffffffff000L;

    private CgroupFiles() {}

    static Optional<String> text(Path file) {
        try {
            return Optional.of(new String(Files.readAllBytes(file), UTF_8));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** The number after {@code key} in a file of lines "key number". */
    static OptionalLong keyed(String text, String key) {
        return text.lines()
                .filter(line -> line.startsWith(key + " "))
                .mapToLong(line -> Long.parseLong(line.substring(key.length() + 1).strip()))
                .findFirst();
    }

    static OptionalLong limit(String text) {
        String value = text.strip();
        if (value.equals("max") || value.isEmpty()) {
            return OptionalLong.empty();
        }
        long bytes = Long.parseLong(value);
        return bytes >= UNLIMITED ? OptionalLong.empty() : OptionalLong.of(bytes);
    }
}
