package io.berth.sandbox.resource;

import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Makes systemd forget the slices that it made for pods. A slice that stays loaded is made again as
 * a cgroup, however often that is removed. One with processes in it is never touched.
 */
public final class SliceRemover implements Remover {
    private static final int MAX_OUTPUT_BYTES = 4 << 20;
    private static final Pattern SPACE = Pattern.compile(" ");
    private static final String SUFFIX = ".slice";
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C");

    /** The end of the name of a slice of ours. */
    private static final Pattern ID = Pattern.compile("-[0-9a-f]{64}\\.slice");

    private final Optional<Path> systemctl;
    private final Processes processes;
    private final Cgroups cgroups;
    private final String parent;
    private final Function<String, CgroupPath> place;
    private final boolean used;
    private final Duration limit;

    /**
     * @param systemctl systemd's command; none where systemd is not init and there is no slice
     * @param parent the slice that those of pods are below
     * @param place where the cgroup of a slice lies
     * @param used whether pods are given slices, so that some are looked for
     */
    public SliceRemover(
            Optional<Path> systemctl,
            Processes processes,
            Cgroups cgroups,
            String parent,
            Function<String, CgroupPath> place,
            boolean used,
            Duration limit) {
        this.systemctl = systemctl;
        this.processes = processes;
        this.cgroups = cgroups;
        this.parent = parent;
        this.place = place;
        this.used = used;
        this.limit = limit;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        var slice = entry.key();
        if (!isOurs(slice)) {
            throw new IOException(
                    "slice %s: found no slice of a pod below %s, so it is not berth's to stop"
                            .formatted(slice, parent));
        }
        if (systemctl.isEmpty()) {
            return; // systemd is not here any more, and nor is what it made
        }
        var left = cgroups.processes(place.apply(slice));
        if (!left.isEmpty()) {
            throw new IOException(
                    "slice %s: found processes %s in it, wanted none".formatted(slice, left));
        }
        var done = systemctl("stop", slice);
        if (done.exitCode() != 0 && loaded().contains(slice)) {
            throw new IOException(
                    "slice %s: systemctl stop answered %d: %s"
                            .formatted(slice, done.exitCode(), done.stderrText()));
        }
    }

    /** Reads only, and sees no slice with processes: those are of pods that run. */
    @Override
    public Set<String> standing() throws IOException {
        if (!used || systemctl.isEmpty()) {
            return Set.of();
        }
        var found = new HashSet<String>();
        for (var slice : Steps.run("slice.list", parent, this::loaded)) {
            if (cgroups.processes(place.apply(slice)).isEmpty()) {
                found.add(slice);
            }
        }
        return found;
    }

    private Set<String> loaded() throws IOException {
        var done =
                systemctl(
                        "list-units",
                        "--type=slice",
                        "--state=active",
                        "--plain",
                        "--no-legend",
                        stem() + "-*" + SUFFIX);
        if (done.exitCode() != 0) {
            throw new IOException(
                    "slices below %s: systemctl list-units answered %d: %s"
                            .formatted(parent, done.exitCode(), done.stderrText()));
        }
        var slices = new HashSet<String>();
        for (var line : done.stdoutText().lines().toList()) {
            var name = SPACE.split(line.strip(), 2)[0];
            if (isOurs(name)) {
                slices.add(name);
            }
        }
        return slices;
    }

    private boolean isOurs(String slice) {
        var stem = stem();
        return slice.startsWith(stem) && ID.matcher(slice.substring(stem.length())).matches();
    }

    private String stem() {
        return parent.substring(0, parent.length() - SUFFIX.length());
    }

    private Processes.Completed systemctl(String... words) throws IOException {
        var command = new ArrayList<>(List.of(systemctl.orElseThrow().toString()));
        command.addAll(List.of(words));
        return processes.run(
                new Processes.Launch(
                        command, Path.of("/"), ENVIRONMENT, new byte[0], limit, MAX_OUTPUT_BYTES));
    }
}
