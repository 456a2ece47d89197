package io.berth.sandbox.security;

import io.berth.sandbox.cdi.CdiDevices;

/**
 * What was looked up for one container before its spec is written.
 *
 * @param privileged whether nothing but the machine's own limits confines it
 */
public record ContainerSecurity(
        boolean privileged,
        Seccomp seccomp,
        ProcessLabels labels,
        ContainerDevices devices,
        CdiDevices cdi) {
    /** Nothing asked for: the defaults of the runtime spec, and all system calls. */
    public static final ContainerSecurity PLAIN =
            new ContainerSecurity(
                    false,
                    new Seccomp.Unconfined(),
                    ProcessLabels.NONE,
                    ContainerDevices.NONE,
                    CdiDevices.NONE);

    /** The same of a privileged container. */
    public ContainerSecurity withPrivilege() {
        return new ContainerSecurity(true, seccomp, labels, devices, cdi);
    }

    /** The label that files need which the container may use; empty where there are no labels. */
    public String mountLabel() {
        return labels.selinux().map(SelinuxLabels.Pair::mount).orElse("");
    }
}
