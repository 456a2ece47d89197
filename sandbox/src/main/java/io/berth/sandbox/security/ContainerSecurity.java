package io.berth.sandbox.security;

/**
 * What was looked up for one container before its spec is written.
 *
 * @param privileged whether nothing but the machine's own limits confines it
 */
public record ContainerSecurity(boolean privileged, Seccomp seccomp, ContainerDevices devices) {
    /** Nothing asked for: the defaults of the runtime spec, and all system calls. */
    public static final ContainerSecurity PLAIN =
            new ContainerSecurity(false, new Seccomp.Unconfined(), ContainerDevices.NONE);
}
