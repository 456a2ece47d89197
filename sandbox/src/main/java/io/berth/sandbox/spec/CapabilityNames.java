package io.berth.sandbox.spec;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The names of capabilities by their numbers (linux/capability.h, capabilities(7)). */
public final class CapabilityNames {
    private static final List<String> BY_NUMBER =
            List.of(
                    "CAP_CHOWN",
                    "CAP_DAC_OVERRIDE",
                    "CAP_DAC_READ_SEARCH",
                    "CAP_FOWNER",
                    "CAP_FSETID",
                    "CAP_KILL",
                    "CAP_SETGID",
                    "CAP_SETUID",
                    "CAP_SETPCAP",
                    "CAP_LINUX_IMMUTABLE",
                    "CAP_NET_BIND_SERVICE",
                    "CAP_NET_BROADCAST",
                    "CAP_NET_ADMIN",
                    "CAP_NET_RAW",
                    "CAP_IPC_LOCK",
                    "CAP_IPC_OWNER",
                    "CAP_SYS_MODULE",
                    "CAP_SYS_RAWIO",
                    "CAP_SYS_CHROOT",
                    "CAP_SYS_PTRACE",
                    "CAP_SYS_PACCT",
                    "CAP_SYS_ADMIN",
                    "CAP_SYS_BOOT",
                    "CAP_SYS_NICE",
                    "CAP_SYS_RESOURCE",
                    "CAP_SYS_TIME",
                    "CAP_SYS_TTY_CONFIG",
                    "CAP_MKNOD",
                    "CAP_LEASE",
                    "CAP_AUDIT_WRITE",
                    "CAP_AUDIT_CONTROL",
                    "CAP_SETFCAP",
                    "CAP_MAC_OVERRIDE",
                    "CAP_MAC_ADMIN",
                    "CAP_SYSLOG",
                    "CAP_WAKE_ALARM",
                    "CAP_BLOCK_SUSPEND",
                    "CAP_AUDIT_READ",
                    "CAP_PERFMON",
                    "CAP_BPF",
                    "CAP_CHECKPOINT_RESTORE");

    private CapabilityNames() {}

    /** Those whose bits are set; bits without a name here are left out. */
    static Set<String> ofMask(long mask) {
        var names = new LinkedHashSet<String>();
        for (int number = 0; number < BY_NUMBER.size(); number++) {
            if ((mask & (1L << number)) != 0) {
                names.add(BY_NUMBER.get(number));
            }
        }
        return names;
    }

    /** Returns the bits of capabilities; a name that is none of Linux's has no bit. */
    public static long mask(Iterable<String> names) {
        long mask = 0;
        for (var name : names) {
            int number = BY_NUMBER.indexOf(name);
            mask |= number < 0 ? 0 : 1L << number;
        }
        return mask;
    }

    /** Returns the names of bits for a message; those without a name by their number. */
    public static String told(long mask) {
        var unnamed = mask >>> BY_NUMBER.size() << BY_NUMBER.size();
        var names = String.join(", ", ofMask(mask));
        return unnamed == 0 ? names : (names + " 0x" + Long.toHexString(unnamed)).strip();
    }

    /** The full name of what Kubernetes writes with or without the prefix, in either case. */
    static Optional<String> full(String written) {
        var upper = written.toUpperCase(Locale.ROOT);
        var name = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        return BY_NUMBER.contains(name) ? Optional.of(name) : Optional.empty();
    }

    /** In the kernel's order. */
    static List<String> sorted(Set<String> names) {
        return BY_NUMBER.stream().filter(names::contains).toList();
    }
}
