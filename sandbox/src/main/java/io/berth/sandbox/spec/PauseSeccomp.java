package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * The seccomp profile that berth brings for its own pause process, which the kubelet asks for in
 * every pod as RuntimeDefault: what a C program needs that waits for signals, and what the
 * runtime's own start needs between loading the profile and executing that program. It is narrower
 * than that of containers, and a tenth of the size: the runtime compiles it at every start of a
 * pod.
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

    static ObjectNode json() {
        var profile = OciJson.object();
        profile.put("defaultAction", "SCMP_ACT_ERRNO");
        profile.set("architectures", OciJson.array("SCMP_ARCH_X86_64"));
        var names = OciJson.array(PAUSE);
        START.forEach(names::add);
        profile.putArray("syscalls")
                .addObject()
                .put("action", "SCMP_ACT_ALLOW")
                .set("names", names);
        return profile;
    }
}
