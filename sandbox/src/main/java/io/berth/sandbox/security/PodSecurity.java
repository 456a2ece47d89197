package io.berth.sandbox.security;

/**
 * What was looked up for one pod's own process before its spec is written.
 *
 * @param privileged whether containers of the pod may be privileged
 */
public record PodSecurity(boolean privileged, Seccomp seccomp) {
    /** Nothing asked for. */
    public static final PodSecurity PLAIN = new PodSecurity(false, new Seccomp.Unconfined());
}
