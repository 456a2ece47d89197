package io.berth.linux;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.OptionalInt;

/** Processes, by the kernel. */
interface KernelProcessCalls extends ProcessCalls {
    int POLLIN = 1;

    /** _IOWR(0xFF, 11, struct pidfd_info) of its first version; linux/pidfd.h. */
    long PIDFD_GET_INFO = 0xC040FF0BL;

    long PIDFD_INFO_EXIT = 1 << 3;
    int PIDFD_INFO_SIZE = 64;
    int PIDFD_INFO_STATUS_AT = 60;

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
    default OptionalInt exitCode(Pidfd process) throws LinuxException {
        var kept = statusKept(process);
        if (kept.isPresent()) {
            return exitCode(kept);
        }
        try {
            pidfdSendSignal(process, 0);
        } catch (LinuxException taken) {
            if (taken.errno() == Errno.ESRCH) {
                return OptionalInt.empty(); // its pid may be another's by now
            }
            throw taken;
        }
        return exitCode(ProcessStat.exitStatusOfZombie(process.pid()));
    }

    /** The status that the kernel keeps for the holders of a descriptor (linux/pidfd.h). */
    private static OptionalInt statusKept(Pidfd process) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var info = arena.allocate(PIDFD_INFO_SIZE, 8);
            info.set(ValueLayout.JAVA_LONG, 0, PIDFD_INFO_EXIT);
            long result =
                    Syscall.raw(
                            arena,
                            Numbers.IOCTL,
                            process.fd().number(),
                            PIDFD_GET_INFO,
                            info.address());
            if (result < 0) {
                return switch ((int) -result) {
                    // Older kernels know no such call, or nothing of a process that was taken.
                    case Errno.ENOTTY, Errno.EINVAL, Errno.ESRCH -> OptionalInt.empty();
                    default ->
                            throw new LinuxException(
                                    "ioctl PIDFD_GET_INFO", (int) -result, process.fd());
                };
            }
            return (info.get(ValueLayout.JAVA_LONG, 0) & PIDFD_INFO_EXIT) == 0
                    ? OptionalInt.empty()
                    : OptionalInt.of(info.get(ValueLayout.JAVA_INT, PIDFD_INFO_STATUS_AT));
        }
    }

    /** The low seven bits of a status are the signal; the second byte is the code. */
    private static OptionalInt exitCode(OptionalInt status) {
        if (status.isEmpty()) {
            return status;
        }
        int signal = status.getAsInt() & 0x7f;
        return OptionalInt.of(signal == 0 ? status.getAsInt() >> 8 & 0xff : 128 + signal);
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
