package io.berth.linux;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.time.Duration;

/** Processes, by the kernel. */
interface KernelProcessCalls extends ProcessCalls {
    int POLLIN = 1;

    @Override
    default int getpid() {
        return (int) ProcessHandle.current().pid();
    }

    @Override
    default void kill(int pid, int signal) throws LinuxException {
        if (signal != 0) {
            Steps.require("kill");
        }
        Syscall.call("kill", "process " + pid, Numbers.KILL, pid, signal);
    }

    @Override
    default Pidfd pidfdOpen(int pid) throws LinuxException {
        String subject = "process " + pid;
        long fd = Syscall.call("pidfd_open", subject, Numbers.PIDFD_OPEN, pid, 0);
        return new Pidfd(pid, new LinuxFd((int) fd, subject));
    }

    @Override
    default void pidfdSendSignal(Pidfd process, int signal) throws LinuxException {
        if (signal != 0) {
            Steps.require("pidfd_send_signal");
        }
        Syscall.call(
                "pidfd_send_signal",
                process.fd(),
                Numbers.PIDFD_SEND_SIGNAL,
                process.fd().number(),
                signal);
    }

    @Override
    default boolean awaitExit(Pidfd process, Duration timeout) throws LinuxException {
        long deadline = System.nanoTime() + timeout.toNanos();
        try (var arena = Arena.ofConfined()) {
            var poll = arena.allocate(8, 8);
            while (true) {
                poll.set(ValueLayout.JAVA_INT, 0, process.fd().number());
                poll.set(ValueLayout.JAVA_SHORT, 4, (short) POLLIN);
                long millis = Math.max(0, (deadline - System.nanoTime() + 999_999) / 1_000_000);
                long ready =
                        Syscall.raw(
                                arena,
                                Numbers.POLL,
                                poll.address(),
                                1,
                                Math.min(millis, Integer.MAX_VALUE));
                if (ready > 0) {
                    return true;
                }
                if (ready < 0 && ready != -Errno.EINTR) {
                    throw new LinuxException("poll", (int) -ready, process.fd());
                }
                if (deadline - System.nanoTime() <= 0) {
                    return false;
                }
            }
        }
    }

    @Override
    default long prctl(int option, long argument) throws LinuxException {
        Steps.require("prctl");
        return Syscall.call("prctl", "option " + option, Numbers.PRCTL, option, argument);
    }

    @Override
    default void unshare(int flags) throws LinuxException {
        Syscall.call("unshare", "thread", Numbers.UNSHARE, flags);
    }

    @Override
    default void setns(LinuxFd namespace, int type) throws LinuxException {
        Syscall.call("setns", namespace, Numbers.SETNS, namespace.number(), type);
    }

    @Override
    default Epoll epollCreate() throws LinuxException {
        long fd = Syscall.call("epoll_create1", "epoll", Numbers.EPOLL_CREATE1, Flags.O_CLOEXEC);
        return new Epoll(new LinuxFd((int) fd, "epoll"));
    }

    @Override
    default int oomScoreAdj(int pid) throws IOException {
        return OomScore.read(pid);
    }

    @Override
    default int setOomScoreAdj(int pid, int value) throws IOException {
        Steps.require("oom_score_adj");
        return OomScore.set(pid, value);
    }
}
