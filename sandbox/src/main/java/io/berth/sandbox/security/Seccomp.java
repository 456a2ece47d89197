package io.berth.sandbox.security;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Which system calls a process may make. */
public sealed interface Seccomp {
    /** All. */
    record Unconfined() implements Seccomp {}

    /**
     * Those of berth's own profile.
     *
     * @param kernel what it may depend on
     */
    record RuntimeDefault(KernelVersion kernel) implements Seccomp {}

    /** Those of a profile of the node, in the form of the OCI runtime spec. */
    record Profile(ObjectNode json) implements Seccomp {}
}
