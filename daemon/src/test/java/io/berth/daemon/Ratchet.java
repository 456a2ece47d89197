package io.berth.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What may be longer than it should be, each with its size and a reason: sizes.txt beside this
 * class. An entry may shrink and go; none may grow.
 *
 * @param limits lines by file, or by {@code file#method}
 */
record Ratchet(Map<String, Integer> limits) {
    private static final Pattern ENTRY = Pattern.compile("(\\S+) ([0-9]+): \\S.*");

    static Ratchet read() throws IOException {
        try (var file = Ratchet.class.getResourceAsStream("sizes.txt")) {
            if (file == null) {
                throw new IOException("sizes.txt: found none beside " + Ratchet.class);
            }
            var text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return of(text.lines().filter(line -> !line.startsWith("#")).toList());
        }
    }

    static Ratchet of(List<String> lines) throws IOException {
        var limits = new TreeMap<String, Integer>();
        for (var line : lines) {
            var entry = ENTRY.matcher(line);
            if (!entry.matches()) {
                throw new IOException(
                        "sizes.txt: found '%s', wanted FILE[#METHOD] LINES: REASON"
                                .formatted(line));
            }
            limits.put(entry.group(1), Integer.valueOf(entry.group(2)));
        }
        return new Ratchet(limits);
    }

    Optional<Integer> limit(String name) {
        return Optional.ofNullable(limits.get(name));
    }

    Set<String> names() {
        return limits.keySet();
    }
}
