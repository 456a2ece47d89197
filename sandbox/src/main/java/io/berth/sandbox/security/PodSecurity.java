package io.berth.sandbox.security;

/** What was looked up for one pod's own process before its spec is written. */
public record PodSecurity(Seccomp seccomp) {}
