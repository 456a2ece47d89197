package io.berth.e2e.host;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/**
 * What stands on the host at one moment, one line a thing: mounts, network namespaces, links, nat
 * rules, addresses taken, cgroups, processes, and files, sockets, FIFOs and folders of the node.
 *
 * <p>On a host where others work too, lines that only they can have made are left out when {@code
 * BERTH_E2E_SHARED_HOST} is set: see {@link Noise}.
 */
public final class HostSnapshot {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final SortedSet<String> lines;

    private HostSnapshot(SortedSet<String> lines) {
        this.lines = Collections.unmodifiableSortedSet(lines);
    }

    /** Reads the host. What comes and goes meanwhile may or may not be in it. */
    public static HostSnapshot take(HostScope scope) throws IOException {
        var lines = new TreeSet<String>();
        lines.addAll(Kernel.mounts());
        lines.addAll(Kernel.networkNamespaces());
        lines.addAll(Kernel.links(scope.bridge()));
        lines.addAll(Kernel.cgroups());
        lines.addAll(NatRules.read());
        lines.addAll(HostProcesses.read(scope));
        lines.addAll(Folders.read(scope));
        lines.removeIf(line -> !Noise.counts(line, scope));
        return new HostSnapshot(lines);
    }

    /** The lines, sorted. */
    public SortedSet<String> lines() {
        return lines;
    }

    /** What {@code later} has more, marked with +, and what it lacks, marked with -. */
    public List<String> difference(HostSnapshot later) {
        var difference = new ArrayList<String>();
        for (String line : later.lines) {
            if (!lines.contains(line)) {
                difference.add("+ " + line);
            }
        }
        for (String line : lines) {
            if (!later.lines.contains(line) && !Noise.sharedHost()) {
                difference.add("- " + line);
            }
        }
        return difference;
    }

    /**
     * Waits until the host is as it was, and returns what still differs at the deadline: nothing,
     * if all is well. Processes that were told to end, and others' short-lived things, need it. The
     * last look begins after the deadline: on a loaded machine one look may take most of the time.
     */
    public List<String> differenceWithin(HostScope scope, Duration limit) throws IOException {
        var deadline = Instant.now().plus(limit);
        while (true) {
            var begin = Instant.now();
            var difference = difference(take(scope));
            if (difference.isEmpty() || !begin.isBefore(deadline)) {
                return difference;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
