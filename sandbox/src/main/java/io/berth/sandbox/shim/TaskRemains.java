package io.berth.sandbox.shim;

import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * Kills the processes of a task whose shim or OCI runtime does not do its part, by the cgroups that
 * the ledger keeps for it.
 */
public final class TaskRemains {
    private final Function<String, List<CgroupPath>> cgroupsOf;
    private final Cgroups cgroups;
    private final Duration limit;

    /**
     * @param cgroupsOf the cgroups that are a task's alone
     * @param limit from SIGKILL to the end of a process
     */
    public TaskRemains(
            Function<String, List<CgroupPath>> cgroupsOf, Cgroups cgroups, Duration limit) {
        this.cgroupsOf = cgroupsOf;
        this.cgroups = cgroups;
        this.limit = limit;
    }

    /**
     * Kills every process of a task; success if there is none. Needs an open step.
     *
     * @throws IOException naming the processes that outlive it
     */
    void kill(String taskId) throws IOException {
        for (var cgroup : cgroupsOf.apply(taskId)) {
            if (cgroups.exists(cgroup) && !cgroups.processes(cgroup).isEmpty()) {
                cgroups.killAll(cgroup, limit);
            }
        }
    }
}
