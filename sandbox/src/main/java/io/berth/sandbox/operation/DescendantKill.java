package io.berth.sandbox.operation;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Kills a process with all that descend from it. They are stopped first, until no new one is found,
 * since after its parent's death nothing leads to a child any more. One whose parent ended earlier
 * lives on, until its container goes.
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
    void kill(int pid) throws LinuxException {
        var root = Optional.of(pid).filter(each -> each > 0).flatMap(ProcessHandle::of);
        if (root.isEmpty()) {
            return;
        }
        Set<ProcessHandle> stopped = new LinkedHashSet<>();
        stop(root.get(), stopped);
        for (int pass = 0; pass < PASSES; pass++) {
            int before = stopped.size();
            for (var each : root.get().descendants().toList()) {
                if (!stopped.contains(each)) {
                    stop(each, stopped);
                }
            }
            if (stopped.size() == before) {
                break;
            }
        }
        for (var each : stopped) {
            signal(each, SIGKILL);
        }
    }

    private void stop(ProcessHandle process, Set<ProcessHandle> stopped) throws LinuxException {
        stopped.add(process);
        signal(process, SIGSTOP);
    }

    /** By descriptor, held while its start time is compared: the pid cannot mean another one. */
    private void signal(ProcessHandle process, int signal) throws LinuxException {
        try (var held = linux.pidfdOpen((int) process.pid())) {
            if (process.isAlive()) {
                linux.pidfdSendSignal(held, signal);
            }
        } catch (LinuxException gone) {
            if (gone.errno() != Errno.ESRCH) {
                throw gone;
            }
        }
    }
}
