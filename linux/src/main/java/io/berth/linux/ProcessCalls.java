package io.berth.linux;

import java.io.IOException;
import java.time.Duration;
import java.util.OptionalInt;

/** Processes: signals, pidfds, prctl, epoll. */
public interface ProcessCalls {
    int SIGHUP = 1;
    int SIGINT = 2;
    int SIGQUIT = 3;
    int SIGKILL = 9;
    int SIGTERM = 15;

    /** This process's id. */
    int getpid();

    /** kill(2); signal 0 only asks. ESRCH when there is no such process. */
    void kill(int pid, int signal) throws LinuxException;

    /** pidfd_open(2), kernel 5.3. ESRCH when there is no such process. */
    Pidfd pidfdOpen(int pid) throws LinuxException;

    /** pidfd_send_signal(2): reaches this process or, with ESRCH, nobody. */
    void pidfdSendSignal(Pidfd process, int signal) throws LinuxException;

    /** poll(2) on a pidfd: whether the process has exited within {@code timeout}. Blocks. */
    boolean awaitExit(Pidfd process, Duration timeout) throws LinuxException;

    /**
     * How a process that has exited did so: its exit code, or 128 and its signal; empty while it
     * runs, and where nobody can tell any more. A zombie's is read from proc_pid_stat(5). One whose
     * parent has taken it is told by PIDFD_GET_INFO with PIDFD_INFO_EXIT, kernel 6.15, to who
     * opened the descriptor before.
     */
    default OptionalInt exitCode(Pidfd process) throws LinuxException {
        return OptionalInt.empty();
    }

    /** prctl(2). */
    long prctl(int option, long argument) throws LinuxException;

    /** unshare(2) on the calling thread: for {@link Namespaces} only. */
    void unshare(int flags) throws LinuxException;

    /** setns(2) on the calling thread: for {@link Namespaces} only. */
    void setns(LinuxFd namespace, int type) throws LinuxException;

    /** epoll_create1(2). */
    Epoll epollCreate() throws LinuxException;

    /** oom_score_adj of a process, from /proc. */
    int oomScoreAdj(int pid) throws IOException;

    /**
     * Sets oom_score_adj; what was set. Without CAP_SYS_RESOURCE a value below the process's own
     * floor is refused: then this process's own value is set instead.
     */
    int setOomScoreAdj(int pid, int value) throws IOException;
}
