package io.berth.sandbox.criu;

import io.berth.sandbox.spec.CapabilityNames;
import java.util.List;
import java.util.Set;

/** Holds what a saved process or thread has against what its container can have. */
final class TaskRights {
    private static final int DEAD = 2;
    private static final Set<Long> STATES = Set.of(1L, 2L, 3L);

    /** SECBIT_KEEP_CAPS: every process may set it (linux/securebits.h). */
    private static final long KEEP_CAPS = 0x10;

    private static final long ALL_SECUREBITS = 0xff;

    /** SCHED_OTHER, SCHED_BATCH and SCHED_IDLE: nobody needs a right for them. */
    private static final Set<Long> POLICIES = Set.of(0L, 3L, 5L);

    /** RLIMIT_CORE: gives nobody a right, and daemons lower their own. */
    private static final int CORE = 4;

    private final WantedRights wanted;
    private final List<Long> inherited;
    private final SavedFilters filters;

    /**
     * @param inherited the hard limits that a container of this node starts with, by their numbers
     */
    TaskRights(WantedRights wanted, List<Long> inherited, SavedFilters filters) {
        this.wanted = wanted;
        this.inherited = inherited;
        this.filters = filters;
    }

    /** Checks the core image of a thread; that of a process has a part of its own. */
    void check(ImageMessage core, boolean process) {
        var task = core.message("tc");
        if (task.isPresent() != process) {
            throw new MalformedImage("tc: found it in a thread, or none in a process");
        }
        if (task.isPresent()) {
            if (!STATES.contains(task.get().number("task_state"))) {
                throw beyond("task_state", task.get().number("task_state"), "1, 2 or 3");
            }
            if (dead(core)) {
                return; // CRIU makes a process that ends at once
            }
            task(task.get());
        }
        var thread =
                core.message("thread_core")
                        .orElseThrow(() -> new MalformedImage("thread_core: found none"));
        credentials(
                thread.message("creds").orElseThrow(() -> new MalformedImage("creds: found none")));
        scheduling(thread);
        filters.check(thread);
    }

    /** Returns whether a core image is that of a zombie, which CRIU lets run nothing. */
    static boolean dead(ImageMessage core) {
        return core.message("tc").filter(task -> task.number("task_state") == DEAD).isPresent();
    }

    private void task(ImageMessage task) {
        for (var old : List.of("old_seccomp_mode", "old_seccomp_filter")) {
            if (task.has(old)) {
                throw beyond(old, task.number(old), "the field of each thread");
            }
        }
        long oomScore = task.number("oom_score_adj");
        if (oomScore < wanted.spec().at("/process/oomScoreAdj").asLong(oomScore)
                && !wanted.canHave("CAP_SYS_RESOURCE")) {
            throw beyond(
                    "oom_score_adj",
                    oomScore,
                    wanted.spec().at("/process/oomScoreAdj").asText() + " or more");
        }
        if (!wanted.canHave("CAP_SYS_RESOURCE")) {
            task.message("rlimits").ifPresent(this::limits);
        }
    }

    private void limits(ImageMessage saved) {
        var asked = wanted.hardLimits();
        var limits = saved.messages("rlimits");
        for (int number = 0; number < limits.size(); number++) {
            var most =
                    asked.containsKey(number)
                            ? asked.get(number)
                            : number < inherited.size() ? inherited.get(number) : 0L;
            long found = limits.get(number).number("max");
            if (number != CORE && Long.compareUnsigned(found, most) > 0) {
                throw beyond(
                        WantedRights.limitName(number),
                        Long.toUnsignedString(found),
                        Long.toUnsignedString(most) + " at most");
            }
        }
    }

    private void credentials(ImageMessage creds) {
        subset(creds, "cap_bnd", wanted.bounding());
        subset(creds, "cap_prm", wanted.reachable());
        subset(creds, "cap_eff", wanted.reachable());
        subset(creds, "cap_amb", wanted.reachable());
        subset(creds, "cap_inh", wanted.reachable());
        if (wanted.noNewPrivileges() && creds.number("no_new_privs") != 1) {
            throw beyond("no_new_privs", creds.number("no_new_privs"), "1");
        }
        long bits = creds.number("secbits");
        long free = wanted.canHave("CAP_SETPCAP") ? ALL_SECUREBITS : KEEP_CAPS;
        if ((bits & ~free) != 0) {
            throw beyond("secbits", bits, "no bit outside of 0x%x".formatted(free));
        }
        for (var field : List.of("uid", "euid", "suid", "fsuid")) {
            if (!wanted.changesUsers() && creds.number(field) != wanted.uid()) {
                throw beyond(field, creds.number(field), wanted.uid());
            }
        }
        for (var field : List.of("gid", "egid", "sgid", "fsgid")) {
            if (!wanted.changesGroups() && creds.number(field) != wanted.gid()) {
                throw beyond(field, creds.number(field), wanted.gid());
            }
        }
        if (!wanted.changesGroups() && !wanted.groups().containsAll(creds.numbers("groups"))) {
            throw beyond("groups", creds.numbers("groups"), "only those of " + wanted.groups());
        }
        label(creds);
    }

    private void label(ImageMessage creds) {
        var label = creds.text("lsm_profile");
        var free = wanted.label().isEmpty() && label.equals("unconfined");
        if (!free && !label.equals(wanted.label())) {
            throw beyond(
                    "lsm_profile",
                    label.isEmpty() ? "none" : label,
                    wanted.label().isEmpty() ? "none" : wanted.label());
        }
        if (creds.has("lsm_sockcreate")) {
            throw beyond("lsm_sockcreate", creds.text("lsm_sockcreate"), "none");
        }
    }

    private static void subset(ImageMessage creds, String field, long most) {
        var words = creds.numbers(field);
        if (words.size() > 2) {
            throw beyond(field, words.size() + " words", "2");
        }
        long found = 0;
        for (int word = 0; word < words.size(); word++) {
            found |= words.get(word) << (32 * word);
        }
        if ((found & ~most) != 0) {
            throw beyond(
                    field,
                    CapabilityNames.told(found & ~most),
                    "no capability but those that the request can have");
        }
    }

    private void scheduling(ImageMessage thread) {
        if (wanted.canHave("CAP_SYS_NICE")) {
            return;
        }
        if (thread.number("sched_nice") < 0) {
            throw beyond("sched_nice", thread.number("sched_nice"), "0 or more");
        }
        if (!POLICIES.contains(thread.number("sched_policy"))) {
            throw beyond("sched_policy", thread.number("sched_policy"), "one of " + POLICIES);
        }
    }

    static MalformedImage beyond(String field, Object found, Object most) {
        return new MalformedImage("%s: found %s, wanted %s".formatted(field, found, most));
    }
}
