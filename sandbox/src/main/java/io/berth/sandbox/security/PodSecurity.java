package io.berth.sandbox.security;

/**
 * What was looked up for one pod's own process before its spec is written.
 *
 * @param privileged whether containers of the pod may be privileged
 */
public record PodSecurity(boolean privileged, Seccomp seccomp, ProcessLabels labels) {
    /** Nothing asked for. */
    public static final PodSecurity PLAIN =
            new PodSecurity(false, new Seccomp.Unconfined(), ProcessLabels.NONE);

    /** The same with which system calls its process may make. */
    public PodSecurity with(Seccomp other) {
        return new PodSecurity(privileged, other, labels);
    }

    /** The same of a privileged pod. */
    public PodSecurity withPrivilege() {
        return new PodSecurity(true, seccomp, labels);
    }

    /** The label that files need which the pod may use; empty where there are no labels. */
    public String mountLabel() {
        return labels.selinux().map(SelinuxLabels.Pair::mount).orElse("");
    }
}
