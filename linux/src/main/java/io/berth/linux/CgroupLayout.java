package io.berth.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** How cgroups are mounted on this machine. */
public sealed interface CgroupLayout {
    /** The v1 controllers there are (cgroups(7)); {@code name=} hierarchies come on top. */
    Set<String> CONTROLLERS =
            Set.of(
                    "blkio",
                    "cpu",
                    "cpuacct",
                    "cpuset",
                    "devices",
                    "freezer",
                    "hugetlb",
                    "memory",
                    "misc",
                    "net_cls",
                    "net_prio",
                    "perf_event",
                    "pids",
                    "rdma");

    /** cgroup v2 alone, mounted at {@code root}. */
    record Unified(Path root) implements CgroupLayout {}

    /** cgroup v1; in a hybrid an empty v2 hierarchy stands beside it. */
    record Legacy(List<Hierarchy> hierarchies, Optional<Path> unified) implements CgroupLayout {
        public Legacy {
            hierarchies = List.copyOf(hierarchies);
        }
    }

    /** One v1 mount with the controllers (or {@code name=} label) that share it. */
    record Hierarchy(Set<String> controllers, Path root) {
        public Hierarchy {
            controllers = Set.copyOf(controllers);
        }
    }

    /** Every root that a cgroup may have a directory in. */
    default List<Path> roots() {
        return switch (this) {
            case Unified(var root) -> List.of(root);
            case Legacy(var hierarchies, var unified) -> {
                var roots = new ArrayList<Path>();
                hierarchies.forEach(hierarchy -> roots.add(hierarchy.root()));
                unified.ifPresent(roots::add);
                yield List.copyOf(roots);
            }
        };
    }

    /** The root of the hierarchy with a controller; under v2 the one there is. */
    default Optional<Path> rootOf(String controller) {
        return switch (this) {
            case Unified(var root) -> Optional.of(root);
            case Legacy(var hierarchies, _) ->
                    hierarchies.stream()
                            .filter(hierarchy -> hierarchy.controllers().contains(controller))
                            .map(Hierarchy::root)
                            .findFirst();
        };
    }

    /**
     * Reads the layout off the mounts; of several mounts of one hierarchy the first counts.
     *
     * @throws IllegalArgumentException when no cgroup file system is mounted
     */
    static CgroupLayout detect(List<MountEntry> mounts) {
        var hierarchies = new ArrayList<Hierarchy>();
        var seen = new TreeSet<String>();
        Optional<Path> unified = Optional.empty();
        for (MountEntry mount : mounts) {
            if (mount.type().equals("cgroup2") && unified.isEmpty()) {
                unified = Optional.of(mount.mountPoint());
            } else if (mount.type().equals("cgroup")) {
                var controllers = new TreeSet<String>();
                for (String option : mount.superOptions()) {
                    if (CONTROLLERS.contains(option) || option.startsWith("name=")) {
                        controllers.add(option);
                    }
                }
                if (!controllers.isEmpty() && seen.addAll(controllers)) {
                    hierarchies.add(new Hierarchy(controllers, mount.mountPoint()));
                }
            }
        }
        if (!hierarchies.isEmpty()) {
            return new Legacy(hierarchies, unified);
        }
        return new Unified(
                unified.orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "cgroups: found no cgroup mount, wanted v1 or v2 at /sys/fs/cgroup")));
    }
}
