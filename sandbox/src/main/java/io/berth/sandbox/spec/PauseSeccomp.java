package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cri.v1.SecurityProfile;
import io.berth.cri.v1.SecurityProfile.ProfileType;
import java.util.List;
import java.util.Optional;

/**
 * The seccomp profile that berth brings for its own pause process, which the kubelet asks for in
 * every pod: what a C program needs that waits for signals, and what the runtime's own start needs
 * between loading the profile and executing that program.
 */
final class PauseSeccomp {
    private static final List<String> PAUSE =
            List.of(
                    "arch_prctl",
                    "brk",
                    "execve",
                    "exit",
                    "exit_group",
                    "ioctl",
                    "mmap",
                    "mprotect",
                    "munmap",
                    "rt_sigaction",
                    "rt_sigprocmask",
                    "rt_sigreturn",
                    "rt_sigtimedwait",
                    "set_tid_address",
                    "wait4",
                    "write",
                    "writev");

    private static final List<String> START =
            List.of(
                    "access",
                    "capget",
                    "capset",
                    "chdir",
                    "clock_gettime",
                    "clock_nanosleep",
                    "clone",
                    "clone3",
                    "close",
                    "close_range",
                    "dup",
                    "dup2",
                    "dup3",
                    "epoll_create1",
                    "epoll_ctl",
                    "epoll_pwait",
                    "epoll_pwait2",
                    "eventfd2",
                    "execveat",
                    "faccessat",
                    "faccessat2",
                    "fchdir",
                    "fchown",
                    "fcntl",
                    "fstat",
                    "fstatfs",
                    "futex",
                    "getcwd",
                    "getdents64",
                    "getegid",
                    "geteuid",
                    "getgid",
                    "getpid",
                    "getppid",
                    "getrandom",
                    "gettid",
                    "getuid",
                    "kill",
                    "lseek",
                    "lstat",
                    "madvise",
                    "membarrier",
                    "mincore",
                    "nanosleep",
                    "newfstatat",
                    "open",
                    "openat",
                    "openat2",
                    "pipe2",
                    "prctl",
                    "pread64",
                    "prlimit64",
                    "read",
                    "readlink",
                    "readlinkat",
                    "restart_syscall",
                    "rseq",
                    "sched_getaffinity",
                    "sched_yield",
                    "set_robust_list",
                    "setgid",
                    "setgroups",
                    "setresgid",
                    "setresuid",
                    "setuid",
                    "sigaltstack",
                    "stat",
                    "statfs",
                    "statx",
                    "tgkill",
                    "timer_create",
                    "timer_delete",
                    "timer_settime",
                    "umask",
                    "uname");

    private PauseSeccomp() {}

    /** The profile of what is asked for; FieldPolicy has let nothing else through. */
    static Optional<ObjectNode> json(SecurityProfile asked) {
        if (asked.getProfileType() != ProfileType.RuntimeDefault) {
            return Optional.empty();
        }
        var profile = OciJson.object();
        profile.put("defaultAction", "SCMP_ACT_ERRNO");
        profile.set("architectures", OciJson.array("SCMP_ARCH_X86_64"));
        var names = OciJson.array(PAUSE);
        START.forEach(names::add);
        profile.putArray("syscalls")
                .addObject()
                .put("action", "SCMP_ACT_ALLOW")
                .set("names", names);
        return Optional.of(profile);
    }
}
