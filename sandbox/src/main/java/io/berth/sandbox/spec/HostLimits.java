package io.berth.sandbox.spec;

import io.berth.linux.CgroupLayout;
import io.berth.linux.MountInfo;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What the machine, and berth's own rights on it, allow a container to have.
 *
 * @param boundingCapabilities names such as CAP_CHOWN that a process here can hold at most
 * @param minOomScoreAdj the lowest oom_score_adj that can be given to a process
 * @param cgroupV2 whether cgroup v2 alone is mounted
 * @param hugepages whether huge pages can be limited
 * @param swap whether swap can be limited
 * @param hostname what processes see that share the host's name
 */
public record HostLimits(
        Set<String> boundingCapabilities,
        int minOomScoreAdj,
        boolean cgroupV2,
        boolean hugepages,
        boolean swap,
        String hostname) {
    private static final Logger LOG = System.getLogger(HostLimits.class.getName());
    private static final int LOWEST_OOM_SCORE_ADJ = -1000;

    public HostLimits {
        boundingCapabilities = Set.copyOf(boundingCapabilities);
        if (minOomScoreAdj < LOWEST_OOM_SCORE_ADJ || minOomScoreAdj > 1000) {
            throw new IllegalArgumentException(
                    "oom_score_adj: found %d, wanted -1000 to 1000".formatted(minOomScoreAdj));
        }
    }

    /** Reads them off /proc and /sys, and logs each that will make berth drop or raise a value. */
    public static HostLimits read() throws IOException {
        var status = Files.readAllLines(Path.of("/proc/self/status"));
        var effective = CapabilityNames.ofMask(mask(status, "CapEff"));
        var layout = CgroupLayout.detect(MountInfo.read());
        var limits =
                new HostLimits(
                        CapabilityNames.ofMask(mask(status, "CapBnd")),
                        effective.contains("CAP_SYS_RESOURCE")
                                ? LOWEST_OOM_SCORE_ADJ
                                : number(Path.of("/proc/self/oom_score_adj")),
                        layout instanceof CgroupLayout.Unified,
                        hugepages(layout),
                        swap(layout),
                        Files.readString(Path.of("/proc/sys/kernel/hostname")).strip());
        limits.logRestrictions();
        return limits;
    }

    /** The value that a process gets when {@code wanted} is asked for. */
    public int oomScoreAdj(long wanted) {
        return Math.clamp(wanted, minOomScoreAdj, 1000);
    }

    private void logRestrictions() {
        if (minOomScoreAdj > LOWEST_OOM_SCORE_ADJ) {
            LOG.log(
                    Logger.Level.WARNING,
                    "no CAP_SYS_RESOURCE: an oom_score_adj below {0} becomes {0}",
                    Integer.toString(minOomScoreAdj));
        }
        if (!hugepages) {
            LOG.log(
                    Logger.Level.WARNING,
                    "no hugetlb cgroup controller: limits on huge pages are dropped");
        }
        if (!swap) {
            LOG.log(
                    Logger.Level.WARNING,
                    "no swap accounting in the memory cgroup controller: limits on swap are"
                            + " dropped");
        }
    }

    private static long mask(List<String> status, String field) throws IOException {
        for (var line : status) {
            if (line.startsWith(field + ":")) {
                return Long.parseUnsignedLong(line.substring(field.length() + 1).strip(), 16);
            }
        }
        throw new IOException("/proc/self/status: found no line %s".formatted(field));
    }

    private static int number(Path file) throws IOException {
        return Integer.parseInt(Files.readString(file).strip());
    }

    private static boolean hugepages(CgroupLayout layout) throws IOException {
        return switch (layout) {
            case CgroupLayout.Legacy legacy -> legacy.rootOf("hugetlb").isPresent();
            case CgroupLayout.Unified(var root) ->
                    List.of(Files.readString(root.resolve("cgroup.controllers")).strip().split(" "))
                            .contains("hugetlb");
        };
    }

    private static boolean swap(CgroupLayout layout) throws IOException {
        return switch (layout) {
            case CgroupLayout.Legacy legacy ->
                    legacy.rootOf("memory")
                            .map(root -> root.resolve("memory.memsw.limit_in_bytes"))
                            .filter(Files::exists)
                            .isPresent();
            case CgroupLayout.Unified(var root) -> unifiedSwap(root);
        };
    }

    /** The root of v2 has no memory files, so a process there asks the kernel's command line. */
    private static boolean unifiedSwap(Path root) throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
            if (line.startsWith("0::/") && line.length() > "0::/".length()) {
                var own = root.resolve(line.substring("0::/".length()));
                return Files.exists(own.resolve("memory.swap.max"));
            }
        }
        return !Files.readString(Path.of("/proc/cmdline")).contains("swapaccount=0");
    }
}
