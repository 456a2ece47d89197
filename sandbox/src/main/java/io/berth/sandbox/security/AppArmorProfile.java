package io.berth.sandbox.security;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The text of the AppArmor profile that RuntimeDefault stands for (apparmor.d(5)): files, network
 * and capabilities are what other means allow; what the kernel shows of the host is not written to,
 * nothing is mounted, and signals and traces stay among the containers.
 *
 * @param abi whether the node has the ABI 3.0 of policies, by which newer rules are understood
 * @param tunables whether it has the common variables
 * @param base whether it has the common rules of all programs
 * @param daemon under which profile berth itself runs; {@code unconfined} is none
 */
record AppArmorProfile(boolean abi, boolean tunables, boolean base, String daemon) {
    static final String NAME = "berth-default";
    static final String UNCONFINED = "unconfined";

    private static final String ABI = "abi/3.0";
    private static final String TUNABLES = "tunables/global";
    private static final String BASE = "abstractions/base";

    /** What a node with this root has: {@code /etc/apparmor.d}. */
    static AppArmorProfile of(Path root, String daemon) {
        var policies = root.resolve("etc/apparmor.d");
        return new AppArmorProfile(
                Files.exists(policies.resolve(ABI)),
                Files.exists(policies.resolve(TUNABLES)),
                Files.exists(policies.resolve(BASE)),
                daemon);
    }

    String text() {
        var text = new StringBuilder();
        if (abi) {
            text.append("abi <").append(ABI).append(">,\n");
        }
        text.append(tunables ? "#include <" + TUNABLES + ">\n" : "@{PROC}=/proc/\n");
        text.append("profile ").append(NAME);
        text.append(" flags=(attach_disconnected, mediate_deleted) {\n");
        if (base) {
            text.append("  #include <").append(BASE).append(">\n");
        }
        text.append(rules());
        if (!daemon.equals(UNCONFINED)) {
            text.append("  signal (receive) peer=").append(daemon).append(",\n");
        }
        return text.append("}\n").toString();
    }

    private static String rules() {
        return """
          network,
          capability,
          file,
          umount,
          deny mount,

          signal (receive) peer=unconfined,
          signal (receive) peer=runc,
          signal (receive) peer=crun,
          signal (send, receive) peer=%1$s,
          ptrace (trace, tracedby, read, readby) peer=%1$s,

          # /proc: processes and shared memory can be set, the host cannot.
          deny @{PROC}/* w,
          deny @{PROC}/{[^1-9/],[^1-9/][^0-9/],[^1-9s/][^0-9y/][^0-9s/]}/** w,
          deny @{PROC}/[^1-9/][^0-9/][^0-9/][^0-9/]*/** w,
          deny @{PROC}/sys/[^k]** w,
          deny @{PROC}/sys/kernel/{?,??,[^s][^h][^m]**} w,
          deny @{PROC}/kcore rwklx,
          deny @{PROC}/sysrq-trigger rwklx,

          # /sys: cgroups alone can be written, if they are mounted so.
          deny /sys/[^f]*/** wklx,
          deny /sys/f[^s]*/** wklx,
          deny /sys/fs/[^c]*/** wklx,
          deny /sys/fs/c[^g]*/** wklx,
          deny /sys/fs/cg[^r]*/** wklx,
          deny /sys/firmware/** rwklx,
          deny /sys/kernel/security/** rwklx,
          deny /sys/devices/virtual/powercap/** rwklx,
        """
                .formatted(NAME);
    }
}
