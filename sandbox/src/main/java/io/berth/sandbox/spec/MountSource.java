package io.berth.sandbox.spec;

import io.berth.linux.MountEntry;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a mount of a request is bound from, as it was found on the host.
 *
 * @param path without symbolic links
 * @param on the mount that the path lies on, looked up where propagation depends on it
 */
public record MountSource(Path path, Optional<MountEntry> on) {
    /** What lies on one of these mounts: of those over each other, on the topmost. */
    public static MountSource at(Path path, List<MountEntry> mounts) {
        return new MountSource(
                path,
                mounts.reversed().stream()
                        .filter(mount -> path.startsWith(mount.mountPoint()))
                        .max(Comparator.comparingInt(mount -> mount.mountPoint().getNameCount())));
    }

    /** Whether mounts made on either side reach the other. */
    public boolean shared() {
        return hasPeer("shared:");
    }

    /** Whether mounts made on the host reach a copy. */
    public boolean sharedOrSlave() {
        return shared() || hasPeer("master:");
    }

    private boolean hasPeer(String field) {
        return on.stream()
                .flatMap(mount -> mount.propagation().stream())
                .anyMatch(word -> word.startsWith(field));
    }

    /** Where it lies, for messages. */
    public String place() {
        return on.map(mount -> "the mount at " + mount.mountPoint()).orElse("no mount");
    }
}
