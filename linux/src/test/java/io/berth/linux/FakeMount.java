package io.berth.linux;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A mount in the file tree.
 *
 * @param covered where the content of the mount point lies meanwhile, if there was any
 * @param permissions of the mount point without the mount
 */
record FakeMount(
        int id,
        Path point,
        String type,
        String source,
        Set<String> options,
        Optional<Path> covered,
        @Nullable Set<PosixFilePermission> permissions) {
    boolean readOnly() {
        return options.contains("ro");
    }

    MountEntry entry() {
        return new MountEntry(
                id,
                1,
                "0:" + id,
                "/",
                point,
                List.copyOf(options),
                List.of(),
                type,
                source,
                List.of());
    }

    static Set<String> options(Set<MountFlag> flags) {
        var options = new TreeSet<String>();
        options.add(flags.contains(MountFlag.READ_ONLY) ? "ro" : "rw");
        if (flags.contains(MountFlag.NO_DEV)) {
            options.add("nodev");
        }
        if (flags.contains(MountFlag.NO_SUID)) {
            options.add("nosuid");
        }
        if (flags.contains(MountFlag.NO_EXEC)) {
            options.add("noexec");
        }
        if (options.contains("ro")) {
            options.remove("rw");
        }
        return options;
    }

    static void attributes(Set<String> options, long set, long clear) {
        for (var attribute :
                Map.of(
                                "ro", Flags.MOUNT_ATTR_RDONLY,
                                "nosuid", Flags.MOUNT_ATTR_NOSUID,
                                "nodev", Flags.MOUNT_ATTR_NODEV,
                                "noexec", Flags.MOUNT_ATTR_NOEXEC,
                                "idmapped", Flags.MOUNT_ATTR_IDMAP)
                        .entrySet()) {
            if ((set & attribute.getValue()) != 0) {
                options.add(attribute.getKey());
            }
            if ((clear & attribute.getValue()) != 0) {
                options.remove(attribute.getKey());
            }
        }
        if (options.contains("ro")) {
            options.remove("rw");
        } else {
            options.add("rw");
        }
    }
}
