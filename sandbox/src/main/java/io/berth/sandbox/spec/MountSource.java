package io.berth.sandbox.spec;

import io.berth.linux.MountEntry;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a mount of a request is bound from, as it was found on the host.
 *
 * @param path without symbolic links
 * @param on the mount that the path lies on, looked up where propagation depends on it
 */
public record MountSource(Path path, Optional<MountEntry> on) {
    /** Whether mounts made on either side reach the other. */
    boolean shared() {
        return hasPeer("shared:");
    }

    /** Whether mounts made on the host reach a copy. */
    boolean sharedOrSlave() {
        return shared() || hasPeer("master:");
    }

    private boolean hasPeer(String field) {
        return on.stream()
                .flatMap(mount -> mount.propagation().stream())
                .anyMatch(word -> word.startsWith(field));
    }

    /** Where it lies, for messages. */
    String place() {
        return on.map(mount -> "the mount at " + mount.mountPoint()).orElse("no mount");
    }
}
