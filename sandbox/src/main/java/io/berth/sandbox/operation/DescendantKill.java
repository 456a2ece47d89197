package io.berth.sandbox.operation;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.ProcessStat;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Kills a process with all that descend from it. They are stopped first, until no new one is found,
 * since after its parent's death a child is led to by its session alone: runtimes give a command a
 * session of its own, in which its descendants are unless they begin another. One that has begun
 * another, and whose parent ended earlier, lives on until its container goes.
 */
final class DescendantKill {
    private static final int SIGKILL = 9;
    private static final int SIGSTOP = 19;

    /** A stopped process has no further children, so that each pass goes a generation deeper. */
    private static final int PASSES = 32;

    private final Linux linux;

    DescendantKill(Linux linux) {
        this.linux = linux;
    }

    /** Returns once everything was signalled; needs an open step. Already gone is success. */
    void kill(int pid) throws IOException {
        var root = Optional.of(pid).filter(each -> each > 0).flatMap(ProcessStat::of);
        if (root.isEmpty()) {
            return;
        }
        Map<Integer, ProcessStat> stopped = new LinkedHashMap<>();
        stop(root.get(), stopped);
        for (int pass = 0; pass < PASSES; pass++) {
            int before = stopped.size();
            for (var each : ProcessStat.all()) {
                if (!stopped.containsKey(each.pid()) && descends(each, stopped)) {
                    stop(each, stopped);
                }
            }
            if (stopped.size() == before) {
                break;
            }
        }
        for (var each : stopped.values()) {
            signal(each, SIGKILL);
        }
    }

    /**
     * By parent, or by a session that one of them began. An id of either kind meant that one, since
     * it still stands after it was read.
     */
    private static boolean descends(ProcessStat process, Map<Integer, ProcessStat> from) {
        var parent = from.get(process.parent());
        var leader = from.get(process.session());
        return (parent != null && parent.stands()) || (leader != null && leader.stands());
    }

    private void stop(ProcessStat process, Map<Integer, ProcessStat> stopped)
            throws LinuxException {
        stopped.put(process.pid(), process);
        signal(process, SIGSTOP);
    }

    /** By descriptor, held while its start time is compared: the pid cannot mean another one. */
    private void signal(ProcessStat process, int signal) throws LinuxException {
        try (var held = linux.pidfdOpen(process.pid())) {
            if (process.stands()) {
                linux.pidfdSendSignal(held, signal);
            }
        } catch (LinuxException gone) {
            if (gone.errno() != Errno.ESRCH) {
                throw gone;
            }
        }
    }
}
