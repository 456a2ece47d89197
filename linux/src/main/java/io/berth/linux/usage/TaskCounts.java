package io.berth.linux.usage;

import java.util.List;
import java.util.OptionalLong;

/**
 * How many tasks there are.
 *
 * @param processes the ids of those right in the cgroup
 * @param threads in it and below it; absent where they are not accounted
 * @param maxThreads how many there may be; absent if there is no limit
 */
public record TaskCounts(List<Integer> processes, OptionalLong threads, OptionalLong maxThreads) {
    public TaskCounts {
        processes = List.copyOf(processes);
    }

    /** Reads cgroup.procs; a process of another pid namespace shows as 0 and is left out. */
    static List<Integer> processes(String text) {
        return text.lines()
                .map(line -> Math.toIntExact(KernelFile.number(line.strip())))
                .filter(pid -> pid > 0)
                .toList();
    }
}
