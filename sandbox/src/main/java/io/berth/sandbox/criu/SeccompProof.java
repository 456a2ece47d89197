package io.berth.sandbox.criu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Shows that a seccomp filter lets through no call that a profile (OCI runtime spec) refuses,
 * whatever the arguments. It does not ask which library made the filter.
 *
 * <p>Both are asked about sets of calls: a number and an architecture, and arguments of which some
 * bits are known. Where the profile's answer depends on further bits, the set is split at one.
 */
final class SeccompProof {
    private static final int X86_64 = 0xc000_003e;
    private static final int I386 = 0x4000_0003;
    private static final int X32_BIT = 0x4000_0000;

    /** Above every number that Linux has given to a call. */
    private static final int NUMBERS = 1024;

    /** More than ten times what profiles of today need. */
    private static final int MAX_QUESTIONS = 200_000;

    private static final Set<String> REFUSING =
            Set.of(
                    "SCMP_ACT_KILL",
                    "SCMP_ACT_KILL_THREAD",
                    "SCMP_ACT_KILL_PROCESS",
                    "SCMP_ACT_TRAP",
                    "SCMP_ACT_ERRNO");

    /** A condition on an argument of 64 bits. */
    private record Condition(int index, String comparison, long value, long second) {}

    /** Calls of one name that are let through if all conditions hold. */
    private record Rule(boolean lets, List<Condition> conditions) {}

    private final FilterProgram program;
    private final Map<String, List<Rule>> rules = new HashMap<>();
    private final boolean otherwise;
    private final Set<String> architectures = new TreeSet<>();
    private int questions;

    private SeccompProof(JsonNode profile, FilterProgram program) {
        this.program = program;
        this.otherwise = lets(profile.path("defaultAction").asText());
        profile.path("architectures").forEach(each -> architectures.add(each.asText()));
        for (var call : profile.path("syscalls")) {
            var conditions = new ArrayList<Condition>();
            for (var argument : call.path("args")) {
                conditions.add(
                        new Condition(
                                argument.path("index").asInt(),
                                argument.path("op").asText(),
                                argument.path("value").bigIntegerValue().longValue(),
                                argument.path("valueTwo").bigIntegerValue().longValue()));
            }
            var rule = new Rule(lets(call.path("action").asText()), conditions);
            for (var name : call.path("names")) {
                rules.computeIfAbsent(name.asText(), _ -> new ArrayList<>()).add(rule);
            }
        }
        SyscallNumbers.multiplexed(
                (multiplexer, number, name) -> {
                    var through = rules.getOrDefault(name, List.of());
                    if (through.stream().anyMatch(Rule::lets)) {
                        var one = List.of(new Condition(0, "SCMP_CMP_EQ", number, 0));
                        rules.computeIfAbsent(multiplexer, _ -> new ArrayList<>())
                                .add(new Rule(true, one));
                    }
                });
    }

    private static boolean lets(String action) {
        return !REFUSING.contains(action);
    }

    /**
     * Returns a call that the filter lets through and the profile refuses; empty if there is none.
     */
    static String excess(JsonNode profile, FilterProgram program) {
        var proof = new SeccompProof(profile, program);
        if (proof.otherwise
                && proof.rules.values().stream().flatMap(List::stream).allMatch(Rule::lets)) {
            return "";
        }
        try {
            for (int number = 0; number < NUMBERS; number++) {
                for (var abi : List.of("x86_64", "x86", "x32")) {
                    if (proof.letsMore(abi, number)) {
                        return "call %d (%s) of %s"
                                .formatted(number, SyscallNumbers.name(abi, number), abi);
                    }
                }
            }
            for (int bit = 10; bit < 32; bit++) {
                var high = Bits.UNKNOWN.with(bit, true);
                if (!proof.otherwise
                        && ((bit != 30 && proof.mayAllow(X86_64, high))
                                || proof.mayAllow(I386, high))) {
                    return "calls with numbers above " + NUMBERS;
                }
            }
            return "";
        } catch (MalformedImage unknown) {
            return unknown.reason();
        }
    }

    private boolean mayAllow(int architecture, Bits number) {
        return program.mayAllow(data(architecture, number, arguments()));
    }

    private static Bits[] arguments() {
        var arguments = new Bits[12];
        Arrays.fill(arguments, Bits.UNKNOWN);
        return arguments;
    }

    private static Bits[] data(int architecture, Bits number, Bits[] arguments) {
        var data = new Bits[FilterProgram.DATA_WORDS];
        data[0] = number;
        data[1] = Bits.of(architecture);
        data[2] = Bits.UNKNOWN;
        data[3] = Bits.UNKNOWN;
        System.arraycopy(arguments, 0, data, 4, arguments.length);
        return data;
    }

    /**
     * Calls of one number and architecture.
     *
     * @param wide whether arguments have 64 bits. Those of i386 and x32 have 32: a profile's
     *     conditions are about these, but the kernel shows a filter all 64 of x32.
     */
    private record Calls(int architecture, int number, boolean wide) {}

    private boolean letsMore(String abi, int number) {
        int architecture = abi.equals("x86") ? I386 : X86_64;
        int code = abi.equals("x32") ? number | X32_BIT : number;
        var arguments = arguments();
        if (abi.equals("x86")) {
            for (int high = 1; high < arguments.length; high += 2) {
                arguments[high] = Bits.of(0);
            }
        }
        boolean listed =
                abi.equals("x86_64")
                        || architectures.contains("SCMP_ARCH_" + abi.toUpperCase(Locale.ROOT));
        var of = rules.getOrDefault(SyscallNumbers.name(abi, number), List.of());
        var calls = new Calls(architecture, code, abi.equals("x86_64"));
        return letsMore(calls, arguments, listed ? of : List.of(), listed && otherwise);
    }

    private boolean letsMore(Calls calls, Bits[] arguments, List<Rule> of, boolean byDefault) {
        questions++;
        if (questions > MAX_QUESTIONS) {
            throw new MalformedImage("more conditions than berth can follow");
        }
        var undecided = new ArrayList<Condition>();
        boolean refusedForSure = !byDefault;
        for (var rule : of) {
            var open = new ArrayList<Condition>();
            var holds = holds(rule, calls.wide(), arguments, open);
            if (rule.lets() || byDefault) {
                undecided.addAll(open);
            }
            if (rule.lets() && holds == Bits.Answer.YES) {
                return false;
            }
            if (rule.lets() && holds == Bits.Answer.MAYBE) {
                refusedForSure = false;
            }
            if (!rule.lets() && holds == Bits.Answer.YES && byDefault) {
                refusedForSure = true;
            }
        }
        if (byDefault && !refusedForSure && undecided.isEmpty()) {
            return false;
        }
        var number = Bits.of(calls.number());
        if (!program.mayAllow(data(calls.architecture(), number, arguments))) {
            return false;
        }
        if (undecided.isEmpty()) {
            return true;
        }
        return splits(calls, arguments, of, byDefault, undecided.getFirst());
    }

    private boolean splits(
            Calls calls, Bits[] arguments, List<Rule> of, boolean byDefault, Condition at) {
        long asked = at.comparison().equals("SCMP_CMP_MASKED_EQ") ? at.value() : -1L;
        for (int bit = calls.wide() ? 63 : 31; bit >= 0; bit--) {
            int word = 2 * at.index() + bit / 32;
            boolean open = (arguments[word].known() >>> (bit % 32) & 1) == 0;
            if ((asked >>> bit & 1) != 0 && open) {
                for (boolean set : new boolean[] {false, true}) {
                    var half = arguments.clone();
                    half[word] = arguments[word].with(bit % 32, set);
                    if (letsMore(calls, half, of, byDefault)) {
                        return true;
                    }
                }
                return false;
            }
        }
        throw new IllegalStateException("a condition on known bits is decided: " + at);
    }

    private static Bits.Answer holds(
            Rule rule, boolean wide, Bits[] arguments, List<Condition> undecided) {
        var all = Bits.Answer.YES;
        var open = new ArrayList<Condition>();
        for (var condition : rule.conditions()) {
            switch (holds(condition, wide, arguments)) {
                case NO -> {
                    return Bits.Answer.NO;
                }
                case MAYBE -> {
                    all = Bits.Answer.MAYBE;
                    open.add(condition);
                }
                case YES -> {}
            }
        }
        undecided.addAll(open);
        return all;
    }

    private static Bits.Answer holds(Condition condition, boolean wide, Bits[] arguments) {
        var low = arguments[2 * condition.index()];
        var high = wide ? arguments[2 * condition.index() + 1] : Bits.of(0);
        var wantedLow = Bits.of((int) condition.value());
        var wantedHigh = Bits.of((int) (condition.value() >>> 32));
        return switch (condition.comparison()) {
            case "SCMP_CMP_EQ" -> both(low.equal(wantedLow), high.equal(wantedHigh));
            case "SCMP_CMP_NE" -> both(low.equal(wantedLow), high.equal(wantedHigh)).not();
            case "SCMP_CMP_MASKED_EQ" ->
                    both(
                            low.and(wantedLow).equal(Bits.of((int) condition.second())),
                            high.and(wantedHigh).equal(Bits.of((int) (condition.second() >>> 32))));
            case "SCMP_CMP_GT" -> greater(high, low, wantedHigh, wantedLow);
            case "SCMP_CMP_LE" -> greater(high, low, wantedHigh, wantedLow).not();
            case "SCMP_CMP_LT" -> greater(wantedHigh, wantedLow, high, low);
            case "SCMP_CMP_GE" -> greater(wantedHigh, wantedLow, high, low).not();
            default -> throw new MalformedImage("a comparison " + condition.comparison());
        };
    }

    private static Bits.Answer both(Bits.Answer one, Bits.Answer other) {
        if (one == Bits.Answer.NO || other == Bits.Answer.NO) {
            return Bits.Answer.NO;
        }
        return one == Bits.Answer.YES && other == Bits.Answer.YES
                ? Bits.Answer.YES
                : Bits.Answer.MAYBE;
    }

    private static Bits.Answer greater(Bits high, Bits low, Bits otherHigh, Bits otherLow) {
        var above = high.greater(otherHigh);
        if (above == Bits.Answer.YES) {
            return Bits.Answer.YES;
        }
        if (above == Bits.Answer.NO) {
            return switch (high.equal(otherHigh)) {
                case YES -> low.greater(otherLow);
                case NO -> Bits.Answer.NO;
                case MAYBE ->
                        low.greater(otherLow) == Bits.Answer.NO
                                ? Bits.Answer.NO
                                : Bits.Answer.MAYBE;
            };
        }
        return Bits.Answer.MAYBE;
    }
}
