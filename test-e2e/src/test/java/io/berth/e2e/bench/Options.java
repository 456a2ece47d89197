package io.berth.e2e.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the program was asked for.
 *
 * @param contenders one or two, each {@link #BERTH}, {@link #CONTAINERD} or a socket that is served
 * @param parts what to measure; all if none was named
 */
record Options(List<String> contenders, Set<Part> parts, Effort effort, Output output) {
    /** The contender that is started here, from the distribution. */
    static final String BERTH = "berth";

    /** The contender that is started here, from Debian's package. */
    static final String CONTAINERD = "containerd";

    private static final String NONE = "none";

    /** How results are printed. */
    enum Output {
        TABLE,
        JSON
    }

    Options {
        contenders = List.copyOf(contenders);
        parts = Set.copyOf(parts);
    }

    /** The command line does not say what can be done; the message says what is wrong. */
    static final class Wrong extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    /**
     * Reads a command line.
     *
     * @throws Wrong if it cannot be done
     */
    static Options parse(List<String> arguments) {
        var endpoint = BERTH;
        var peer = "";
        var parts = EnumSet.allOf(Part.class);
        var effort = Effort.FULL;
        var output = Output.TABLE;
        for (var words = arguments.iterator(); words.hasNext(); ) {
            var option = words.next();
            switch (option) {
                case "--endpoint" -> endpoint = contender(option, value(option, words));
                case "--peer" -> {
                    peer = value(option, words);
                    peer = peer.equals(NONE) ? NONE : contender(option, peer);
                }
                case "--only" -> parts = parts(value(option, words));
                case "--quick" -> effort = Effort.QUICK;
                case "--output" -> output = output(value(option, words));
                default -> throw new Wrong("found '" + option + "', which is no option");
            }
        }
        if (peer.isEmpty()) {
            peer = endpoint.equals(BERTH) ? CONTAINERD : NONE;
        }
        if (peer.equals(endpoint) && !endpoint.startsWith("/")) {
            throw new Wrong("found " + peer + " twice; it can be started once");
        }
        var contenders = peer.equals(NONE) ? List.of(endpoint) : List.of(endpoint, peer);
        return new Options(contenders, parts, effort, output);
    }

    private static String value(String option, Iterator<String> words) {
        if (!words.hasNext()) {
            throw new Wrong("found no value after " + option);
        }
        return words.next();
    }

    private static String contender(String option, String value) {
        var name = value.startsWith("unix://") ? value.substring("unix://".length()) : value;
        if (name.equals(BERTH) || name.equals(CONTAINERD) || Path.of(name).isAbsolute()) {
            return name;
        }
        throw new Wrong(
                "found %s %s, wanted the path of a socket, %s or %s"
                        .formatted(option, value, BERTH, CONTAINERD));
    }

    private static EnumSet<Part> parts(String list) {
        var parts = EnumSet.noneOf(Part.class);
        for (var word : list.split(",", -1)) {
            parts.add(
                    Part.of(word.strip())
                            .orElseThrow(
                                    () ->
                                            new Wrong(
                                                    "found part '%s', wanted some of %s"
                                                            .formatted(word, words()))));
        }
        return parts;
    }

    private static String words() {
        return Arrays.stream(Part.values()).map(Part::word).collect(Collectors.joining(","));
    }

    private static Output output(String value) {
        return switch (value) {
            case "table" -> Output.TABLE;
            case "json" -> Output.JSON;
            default -> throw new Wrong("found --output " + value + ", wanted table or json");
        };
    }
}
