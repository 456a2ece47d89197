package io.berth.sandbox.criu;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The seccomp filters of a checkpoint. A thread has a chain of them, each of which can only take
 * away; so one that allows no more than the request's profile is enough.
 */
final class SavedFilters {
    private static final int FILTERED = 2;

    /** TSYNC, LOG, SPEC_ALLOW, and how listeners wait: none of these opens a call. */
    private static final long HARMLESS_FLAGS = 0x1 | 0x2 | 0x4 | 0x20;

    private final WantedRights wanted;
    private final List<ImageMessage> filters;
    private final Map<Integer, String> judged = new HashMap<>();

    SavedFilters(WantedRights wanted, List<ImageMessage> filters) {
        this.wanted = wanted;
        this.filters = filters;
    }

    void check(ImageMessage thread) {
        var profile = wanted.spec().at("/linux/seccomp");
        if (!profile.isObject()) {
            return;
        }
        if (thread.number("seccomp_mode") != FILTERED || !thread.has("seccomp_filter")) {
            throw TaskRights.beyond("seccomp_mode", thread.number("seccomp_mode"), FILTERED);
        }
        var seen = new BitSet();
        var reason = "none";
        long index = thread.number("seccomp_filter");
        while (true) {
            if (index >= filters.size() || seen.get((int) index)) {
                throw new MalformedImage(
                        "seccomp_filter: found a chain that leads to no end (%d)".formatted(index));
            }
            seen.set((int) index);
            reason = judged.computeIfAbsent((int) index, this::judge);
            if (reason.isEmpty()) {
                return;
            }
            var filter = filters.get((int) index);
            if (!filter.has("prev")) {
                throw new MalformedImage(
                        "seccomp_filter: found filters that allow more than the request's profile: "
                                + reason);
            }
            index = filter.number("prev");
        }
    }

    /** Returns what a filter allows beyond the profile; empty if nothing. */
    private String judge(int index) {
        var filter = filters.get(index);
        if ((filter.number("flags") & ~HARMLESS_FLAGS) != 0) {
            return "it has flags 0x%x".formatted(filter.number("flags"));
        }
        var bytes = filter.bytes("filter");
        if (bytes.isEmpty()) {
            return "it has no program";
        }
        return SeccompProof.excess(
                wanted.spec().at("/linux/seccomp"), FilterProgram.of(bytes.getFirst()));
    }
}
