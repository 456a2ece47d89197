package io.berth.linux;

import java.nio.file.Path;
import java.util.List;

/**
 * Where a cgroup lies below the root of each hierarchy, such as {@code /kubepods/pod1}; never the
 * root itself.
 */
public record CgroupPath(String value) {
    public CgroupPath {
        var parts = List.of(value.split("/", -1));
        boolean absolute = parts.size() > 1 && parts.getFirst().isEmpty();
        boolean plain =
                parts.stream()
                        .skip(1)
                        .noneMatch(p -> p.isEmpty() || p.equals(".") || p.equals(".."));
        if (!absolute || !plain || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "cgroup: found \"%s\", wanted an absolute path without empty, . or .. parts"
                            .formatted(value));
        }
    }

    /** The cgroup {@code name} inside this one. */
    public CgroupPath child(String name) {
        return new CgroupPath(value + "/" + name);
    }

    /** Its directory in the hierarchy mounted at {@code root}. */
    Path in(Path root) {
        return root.resolve(value.substring(1));
    }

    @Override
    public String toString() {
        return value;
    }
}
