package io.berth.sandbox.security;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * What the kernel's security modules know a process and its files by.
 *
 * @param appArmor name of the profile that it runs under
 * @param selinux its SELinux labels
 */
record ProcessLabels(Optional<String> appArmor, Optional<SelinuxLabels.Pair> selinux) {
    static final ProcessLabels NONE = new ProcessLabels(Optional.empty(), Optional.empty());

    void write(ObjectNode spec) {
        appArmor.ifPresent(name -> spec.withObject("/process").put("apparmorProfile", name));
        selinux.ifPresent(
                labels -> {
                    if (!labels.process().isEmpty()) {
                        spec.withObject("/process").put("selinuxLabel", labels.process());
                    }
                    spec.withObject("/linux").put("mountLabel", labels.mount());
                });
    }
}
