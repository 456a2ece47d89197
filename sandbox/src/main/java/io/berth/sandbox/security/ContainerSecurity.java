package io.berth.sandbox.security;

/**
 * What was looked up for one container before its spec is written.
 *
 * @param privileged whether nothing but the machine's own limits confines it
 */
public record ContainerSecurity(boolean privileged, Seccomp seccomp) {}
