package io.berth.sandbox.sandbox;

import java.time.Instant;

/** What can happen to a sandbox. */
public sealed interface SandboxEvent {
    /** Its pause process runs and its network is up. */
    record Started(Instant at, int pid) implements SandboxEvent {}

    /** Its pause process or its shim is gone without having been asked to go. */
    record Died(Instant at, String cause) implements SandboxEvent {}

    /** The kubelet wants it stopped. */
    record StopAsked(Instant at) implements SandboxEvent {}

    /** Everything that it was made of is gone. */
    record Released(Instant at) implements SandboxEvent {}

    /** The kubelet wants it forgotten. */
    record RemoveAsked(Instant at) implements SandboxEvent {}
}
