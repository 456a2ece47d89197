package io.berth.sandbox.spec;

import io.berth.sandbox.SandboxException;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Signals by the names that images and the CRI use (signal(7), numbers of x86-64). */
public final class Signals {
    private static final int RTMIN = 34;
    private static final int RTMAX = 64;
    private static final Pattern REAL_TIME =
            Pattern.compile("RT(MIN|MAX)(?:(?:\\+|-|PLUS|MINUS)(\\d{1,2}))?");

    private static final Map<String, Integer> NUMBERS =
            Map.ofEntries(
                    Map.entry("HUP", 1),
                    Map.entry("INT", 2),
                    Map.entry("QUIT", 3),
                    Map.entry("ILL", 4),
                    Map.entry("TRAP", 5),
                    Map.entry("ABRT", 6),
                    Map.entry("IOT", 6),
                    Map.entry("BUS", 7),
                    Map.entry("FPE", 8),
                    Map.entry("KILL", 9),
                    Map.entry("USR1", 10),
                    Map.entry("SEGV", 11),
                    Map.entry("USR2", 12),
                    Map.entry("PIPE", 13),
                    Map.entry("ALRM", 14),
                    Map.entry("TERM", 15),
                    Map.entry("STKFLT", 16),
                    Map.entry("CHLD", 17),
                    Map.entry("CLD", 17),
                    Map.entry("CONT", 18),
                    Map.entry("STOP", 19),
                    Map.entry("TSTP", 20),
                    Map.entry("TTIN", 21),
                    Map.entry("TTOU", 22),
                    Map.entry("URG", 23),
                    Map.entry("XCPU", 24),
                    Map.entry("XFSZ", 25),
                    Map.entry("VTALRM", 26),
                    Map.entry("PROF", 27),
                    Map.entry("WINCH", 28),
                    Map.entry("IO", 29),
                    Map.entry("POLL", 29),
                    Map.entry("PWR", 30),
                    Map.entry("SYS", 31));

    private Signals() {}

    /**
     * The kernel's number for {@code SIGTERM}, {@code TERM}, {@code 15}, {@code SIGRTMIN+3} or the
     * CRI's {@code SIGNAL_SIGRTMINPLUS3}, in either case.
     *
     * @throws SandboxException.InvalidRequest for anything else
     */
    public static int number(String name) {
        return find(name)
                .orElseThrow(
                        () ->
                                new SandboxException.InvalidRequest(
                                        ("stop signal: found '%s', wanted a name such as SIGTERM"
                                                        + " or SIGRTMIN+3, or a number from 1 to %d")
                                                .formatted(name, RTMAX)));
    }

    private static OptionalInt find(String name) {
        if (name.matches("\\d{1,2}")) {
            int number = Integer.parseInt(name);
            return number >= 1 && number <= RTMAX ? OptionalInt.of(number) : OptionalInt.empty();
        }
        var bare = without("SIG", without("SIGNAL_", name.toUpperCase(Locale.ROOT)));
        var number = NUMBERS.get(bare);
        return number == null ? realTime(bare) : OptionalInt.of(number);
    }

    private static OptionalInt realTime(String bare) {
        var match = REAL_TIME.matcher(bare);
        if (!match.matches()) {
            return OptionalInt.empty();
        }
        var digits = match.group(2);
        int distance = digits == null ? 0 : Integer.parseInt(digits);
        boolean up = bare.startsWith("RTMIN");
        if (digits != null && up != (bare.contains("+") || bare.contains("PLUS"))) {
            return OptionalInt.empty();
        }
        int number = up ? RTMIN + distance : RTMAX - distance;
        return number >= RTMIN && number <= RTMAX ? OptionalInt.of(number) : OptionalInt.empty();
    }

    private static String without(String prefix, String name) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }
}
