package io.berth.sandbox.criu;

import java.util.ArrayList;
import java.util.List;

/** The hard limits in /proc/PID/limits (proc_pid_limits(5)), in the order of their numbers. */
final class KernelLimits {
    private static final List<String> NAMES =
            List.of(
                    "Max cpu time",
                    "Max file size",
                    "Max data size",
                    "Max stack size",
                    "Max core file size",
                    "Max resident set",
                    "Max processes",
                    "Max open files",
                    "Max locked memory",
                    "Max address space",
                    "Max file locks",
                    "Max pending signals",
                    "Max msgqueue size",
                    "Max nice priority",
                    "Max realtime priority",
                    "Max realtime timeout");

    private KernelLimits() {}

    /** Returns a limit for each number; -1 is no limit, and what is not listed is 0. */
    static List<Long> hard(List<String> lines) {
        var limits = new ArrayList<Long>();
        for (var name : NAMES) {
            long limit = 0;
            for (var line : lines) {
                if (line.startsWith(name + " ")) {
                    var words = line.substring(name.length()).strip().split(" +", -1);
                    limit = words[1].equals("unlimited") ? -1 : Long.parseUnsignedLong(words[1]);
                }
            }
            limits.add(limit);
        }
        return limits;
    }
}
