package io.berth.linux;

import java.util.concurrent.TimeUnit;

/** Kills a process with its descendants. */
final class ProcessTree {
    private static final int SIGSTOP = 19;
    private static final long GONE_MILLIS = 1000;

    private ProcessTree() {}

    /**
     * Does nothing when {@code process} has ended: its children are others' by then. Waits a little
     * for its end, so that whoever is told that it was killed finds it gone.
     */
    static void kill(Process process) {
        if (process.isAlive()) {
            kill(process.toHandle());
            try {
                var _ = process.waitFor(GONE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Stopped first, so that the list of its children is whole; killed after them. */
    private static void kill(ProcessHandle process) {
        signal(process, SIGSTOP);
        process.children().forEach(ProcessTree::kill);
        signal(process, ProcessCalls.SIGKILL);
    }

    private static void signal(ProcessHandle process, int signal) {
        try {
            Syscall.call("kill", process, Numbers.KILL, process.pid(), signal);
        } catch (LinuxException gone) {
            if (gone.errno() != Errno.ESRCH) {
                throw new AssertionError("process " + process.pid() + " is ours to kill", gone);
            }
        }
    }
}
