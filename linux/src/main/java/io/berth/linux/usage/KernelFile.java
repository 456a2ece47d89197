package io.berth.linux.usage;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads the kernel's small text files, and the forms that they have. */
final class KernelFile {
    /** v1 says "no limit" as the largest multiple of a page (page_counter.h). */
    private static final long UNLIMITED = 0x7ffffffffffff000L;

    private static final int USUAL_BYTES = 4096;
    private static final int MAX_BYTES = 1 << 20;

    private KernelFile() {}

    /** The text of a file; absent if it is, or if its cgroup goes away meanwhile. */
    static Optional<String> text(Path file) {
        try (var in = new FileInputStream(file.toString())) {
            var bytes = new byte[USUAL_BYTES];
            int length = 0;
            for (int read = in.read(bytes);
                    read >= 0;
                    read = in.read(bytes, length, bytes.length - length)) {
                length += read;
                if (length == bytes.length) {
                    if (length >= MAX_BYTES) {
                        return Optional.empty(); // none that we know is so long
                    }
                    bytes = Arrays.copyOf(bytes, 2 * length);
                }
            }
            return Optional.of(new String(bytes, 0, length, US_ASCII));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** A file with one number. */
    static OptionalLong number(Path file) {
        return text(file).map(t -> OptionalLong.of(number(t.strip()))).orElse(OptionalLong.empty());
    }

    /** A file with one limit, which may be none. */
    static OptionalLong limit(Path file) {
        return text(file).map(t -> limit(t.strip())).orElse(OptionalLong.empty());
    }

    static OptionalLong limit(String word) {
        if (word.isEmpty() || word.equals("max") || word.startsWith("-")) {
            return OptionalLong.empty();
        }
        long value = number(word);
        return value >= UNLIMITED ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** A number of the kernel's; one above what a long holds counts as the largest long. */
    static long number(String word) {
        try {
            long value = Long.parseUnsignedLong(word);
            return value < 0 ? Long.MAX_VALUE : value;
        } catch (NumberFormatException e) {
            throw new IllegalStateException(
                    "kernel file: found '%s', wanted a number".formatted(word), e);
        }
    }

    /** A file of lines "key number". */
    static Map<String, Long> keyed(String text) {
        var values = new HashMap<String, Long>();
        for (int at = 0; at < text.length(); ) {
            int end = text.indexOf('\n', at);
            end = end < 0 ? text.length() : end;
            int space = text.indexOf(' ', at);
            if (space > at && space < end) {
                values.put(
                        text.substring(at, space), number(text.substring(space + 1, end).strip()));
            }
            at = end + 1;
        }
        return values;
    }

    /** The words of each line. */
    static List<String[]> lines(String text) {
        return text.lines().map(line -> line.strip().split("\\s+", -1)).toList();
    }

    static OptionalLong entry(Map<String, Long> values, String key) {
        var value = values.get(key);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
