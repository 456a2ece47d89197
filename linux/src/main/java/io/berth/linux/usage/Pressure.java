package io.berth.linux.usage;

import java.util.Optional;

/**
 * How long tasks waited for a resource (Documentation/accounting/psi.rst).
 *
 * @param some times in which at least one task waited
 * @param full times in which all did
 */
public record Pressure(Line some, Line full) {
    private static final Line NONE = new Line(0, 0, 0, 0);

    /**
     * One line of a pressure file.
     *
     * @param avg10 percent of the last 10 seconds; the others of 60 and 300
     */
    public record Line(double avg10, double avg60, double avg300, long totalNanos) {}

    /** Reads a pressure file; a line that an older kernel does not write is zero. */
    static Optional<Pressure> parse(String text) {
        var some = NONE;
        var full = NONE;
        boolean any = false;
        for (var line : text.split("\n", -1)) {
            var words = line.strip().split("\\s+", -1);
            if (words[0].equals("some")) {
                some = line(words);
                any = true;
            } else if (words[0].equals("full")) {
                full = line(words);
                any = true;
            }
        }
        return any ? Optional.of(new Pressure(some, full)) : Optional.empty();
    }

    private static Line line(String[] words) {
        return new Line(
                Double.parseDouble(value(words, "avg10=", "0")),
                Double.parseDouble(value(words, "avg60=", "0")),
                Double.parseDouble(value(words, "avg300=", "0")),
                KernelFile.number(value(words, "total=", "0")) * 1000);
    }

    private static String value(String[] words, String key, String otherwise) {
        for (var word : words) {
            if (word.startsWith(key)) {
                return word.substring(key.length());
            }
        }
        return otherwise;
    }
}
