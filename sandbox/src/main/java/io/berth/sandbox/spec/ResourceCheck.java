package io.berth.sandbox.spec;

import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.SandboxException;
import java.util.regex.Pattern;

/**
 * Which values can be limits at all (kernel, admin-guide/cgroup-v1 and cgroup-v2.rst). A zero, an
 * empty text stand for what is not set. What the machine itself refuses, such as a cpu that it has
 * not, its kernel says.
 */
final class ResourceCheck {
    private static final int MIN_CPU_TIME = 1_000;
    private static final int MAX_CPU_PERIOD = 1_000_000;
    private static final int MIN_CPU_SHARES = 2;
    private static final int MAX_CPU_SHARES = 262_144;
    private static final int MAX_OOM_SCORE_ADJ = 1000;
    private static final int MAX_SET_CHARACTERS = 4096;
    private static final Pattern SET = Pattern.compile("[0-9]{1,6}(?:[-,][0-9]{1,6})*+");
    private static final Pattern PAGE_SIZE = Pattern.compile("[1-9][0-9]{0,8}[KMG]B");
    private static final Pattern FILE = Pattern.compile("[a-z0-9_]+\\.[a-zA-Z0-9_.]+");

    private ResourceCheck() {}

    /**
     * @param asked the values to look at
     * @param merged with those that stay
     */
    static void check(LinuxContainerResources asked, LinuxContainerResources merged) {
        range("cpu_period", asked.getCpuPeriod(), MIN_CPU_TIME, MAX_CPU_PERIOD);
        if (asked.getCpuQuota() != -1) {
            range("cpu_quota", asked.getCpuQuota(), MIN_CPU_TIME, Long.MAX_VALUE);
        }
        range("cpu_shares", asked.getCpuShares(), MIN_CPU_SHARES, MAX_CPU_SHARES);
        range("oom_score_adj", asked.getOomScoreAdj(), -MAX_OOM_SCORE_ADJ, MAX_OOM_SCORE_ADJ);
        set("cpuset_cpus", asked.getCpusetCpus());
        set("cpuset_mems", asked.getCpusetMems());
        memory(asked, merged);
        for (var limit : asked.getHugepageLimitsList()) {
            if (!PAGE_SIZE.matcher(limit.getPageSize()).matches()) {
                throw refusal("hugepage_limits", limit.getPageSize(), "a size such as 2MB");
            }
        }
        for (var file : asked.getUnifiedMap().keySet()) {
            if (!FILE.matcher(file).matches()) {
                throw refusal("unified", file, "a file's name such as memory.high");
            }
        }
    }

    private static void memory(LinuxContainerResources asked, LinuxContainerResources merged) {
        if (asked.getMemoryLimitInBytes() != -1) {
            range("memory_limit_in_bytes", asked.getMemoryLimitInBytes(), 1, Long.MAX_VALUE);
        }
        if (asked.getMemorySwapLimitInBytes() != -1) {
            range(
                    "memory_swap_limit_in_bytes",
                    asked.getMemorySwapLimitInBytes(),
                    1,
                    Long.MAX_VALUE);
        }
        long both = merged.getMemorySwapLimitInBytes();
        long memory = merged.getMemoryLimitInBytes();
        if (both > 0 && (memory > both || memory == -1)) {
            throw refusal(
                    "memory_swap_limit_in_bytes",
                    Long.toString(both),
                    "at least memory_limit_in_bytes, %d, which it contains".formatted(memory));
        }
    }

    private static void range(String field, long found, long least, long most) {
        if (found != 0 && (found < least || found > most)) {
            var wanted =
                    most == Long.MAX_VALUE
                            ? "%d or more, or -1 for no limit".formatted(least)
                            : "%d to %d".formatted(least, most);
            throw refusal(field, Long.toString(found), wanted);
        }
    }

    private static void set(String field, String found) {
        if (found.length() > MAX_SET_CHARACTERS
                || (!found.isEmpty() && !SET.matcher(found).matches())) {
            var shown = found.substring(0, Math.min(found.length(), 100));
            throw refusal(field, shown, "numbers and ranges such as 0-2,7");
        }
    }

    private static SandboxException refusal(String field, String found, String wanted) {
        return new SandboxException.InvalidRequest(
                "linux.%s: found %s, wanted %s".formatted(field, found, wanted));
    }
}
