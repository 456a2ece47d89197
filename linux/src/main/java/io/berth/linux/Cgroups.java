package io.berth.linux;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;

/**
 * Cgroups by path, under v1 and v2 alike: a cgroup is the directory of its path in every hierarchy.
 *
 * <p>Making one is left to the runtime except for pods' parents; killing and removing treat what is
 * not there as done.
 */
public final class Cgroups {
    private final CgroupLayout layout;
    private final CgroupCreation creation;
    private final CgroupEmptying emptying;

    public Cgroups(Linux linux, CgroupLayout layout) {
        this.layout = layout;
        this.creation = new CgroupCreation(linux, layout);
        this.emptying = new CgroupEmptying(linux, layout);
    }

    /** The cgroups of this machine, as they are mounted now. */
    public static Cgroups detect(Linux linux) throws IOException {
        return new Cgroups(linux, CgroupLayout.detect(MountInfo.read()));
    }

    /** How they are mounted. */
    public CgroupLayout layout() {
        return layout;
    }

    /** Whether the cgroup has a directory in any hierarchy. */
    public boolean exists(CgroupPath cgroup) {
        return !directories(cgroup).isEmpty();
    }

    /** Its directories, one per hierarchy that has it. */
    public List<Path> directories(CgroupPath cgroup) {
        return layout.roots().stream().map(cgroup::in).filter(Files::isDirectory).toList();
    }

    /** Its directory in the hierarchy of a controller. */
    public Optional<Path> directory(CgroupPath cgroup, String controller) {
        return layout.rootOf(controller).map(cgroup::in).filter(Files::isDirectory);
    }

    /**
     * Makes the cgroup and those above it in every v1 hierarchy, or under v2 with the controllers
     * of the root enabled. v1 cpusets get the parent's cpus and mems. What is there stays.
     */
    public void create(CgroupPath cgroup) throws IOException {
        Steps.require("cgroup create");
        creation.create(cgroup);
    }

    /** Makes the cgroup and moves a process into it, in every hierarchy. */
    public void enter(CgroupPath cgroup, int pid) throws IOException {
        create(cgroup);
        for (Path directory : directories(cgroup)) {
            Files.writeString(directory.resolve("cgroup.procs"), Integer.toString(pid));
        }
    }

    /** The ids of the processes in it and below it, in any hierarchy. */
    public SortedSet<Integer> processes(CgroupPath cgroup) throws IOException {
        return emptying.processes(cgroup);
    }

    /**
     * Kills every process in it and below it, new ones too, until there is none.
     *
     * @throws IOException naming those that are left after {@code timeout}
     */
    public void killAll(CgroupPath cgroup, Duration timeout) throws IOException {
        Steps.require("cgroup kill");
        emptying.killAll(cgroup, timeout);
    }

    /**
     * Removes it and all below it from every hierarchy. It must be empty of processes; those that
     * are just dying are waited for.
     *
     * @throws IOException naming what keeps it after {@code timeout}
     */
    public void remove(CgroupPath cgroup, Duration timeout) throws IOException {
        Steps.require("cgroup remove");
        emptying.remove(cgroup, timeout);
    }

    /** The cgroups right below it, by name, in any hierarchy. */
    public List<String> children(CgroupPath cgroup) throws IOException {
        var names = new ArrayList<String>();
        for (Path directory : directories(cgroup)) {
            try (var entries = Files.newDirectoryStream(directory, Files::isDirectory)) {
                entries.forEach(entry -> names.add(entry.getFileName().toString()));
            }
        }
        return names.stream().distinct().sorted().toList();
    }

    /**
     * The text of one of its files, such as {@code memory} and {@code memory.max}; none if absent.
     */
    public Optional<String> read(CgroupPath cgroup, String controller, String file) {
        return directory(cgroup, controller).flatMap(d -> CgroupFiles.text(d.resolve(file)));
    }

    /** How many of its processes the kernel has killed for want of memory. */
    public OptionalLong oomKills(CgroupPath cgroup) {
        String file =
                switch (layout) {
                    case CgroupLayout.Unified _ -> "memory.events";
                    case CgroupLayout.Legacy _ -> "memory.oom_control";
                };
        return read(cgroup, "memory", file)
                .map(text -> CgroupFiles.keyed(text, "oom_kill"))
                .orElse(OptionalLong.empty());
    }

    /** Its memory limit in bytes; empty when there is none. */
    public OptionalLong memoryLimit(CgroupPath cgroup) {
        return switch (layout) {
            case CgroupLayout.Unified _ -> limit(cgroup, "memory.max");
            case CgroupLayout.Legacy _ -> limit(cgroup, "memory.limit_in_bytes");
        };
    }

    private OptionalLong limit(CgroupPath cgroup, String file) {
        return read(cgroup, "memory", file).map(CgroupFiles::limit).orElse(OptionalLong.empty());
    }
}
