package io.berth.sandbox.spec;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Whose namespaces a container joins.
 *
 * @param podPid the pod's pause process, in the host's pid namespace
 * @param targetPid the process whose pid namespace is asked for, if one is
 * @param userns the pod's pinned user namespace, if it has one
 */
public record JoinedNamespaces(int podPid, OptionalInt targetPid, Optional<Path> userns) {
    public JoinedNamespaces {
        if (podPid <= 0) {
            throw new IllegalArgumentException(
                    "pause process: found pid %d, wanted a positive one".formatted(podPid));
        }
    }
}
