package io.berth.linux.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What one network interface has carried since it was made. */
public record NetworkDevice(String name, Direction received, Direction sent) {
    /** How many columns each direction has. */
    private static final int COLUMNS = 8;

    /** Traffic one way. */
    public record Direction(long bytes, long packets, long errors, long dropped) {}

    /**
     * The interfaces of a pinned network namespace, less lo, as a process in it sees them: nobody
     * has to enter the namespace. Absent when the process is gone, or is another one by now that
     * lives elsewhere.
     */
    public static Optional<List<NetworkDevice>> of(int pid, Path pin) {
        var process = Path.of("/proc", Integer.toString(pid));
        var text = KernelFile.text(process.resolve("net/dev"));
        try {
            // Afterwards: who holds the pid now and lives there lived there when it was read.
            if (text.isEmpty() || !Files.isSameFile(process.resolve("ns/net"), pin)) {
                return Optional.empty();
            }
        } catch (IOException gone) {
            return Optional.empty();
        }
        return Optional.of(parse(text.get()));
    }

    /** Reads proc_pid_net(5), dev: two lines of headings, then a line an interface. */
    static List<NetworkDevice> parse(String text) {
        var devices = new ArrayList<NetworkDevice>();
        for (var line : text.split("\n", -1)) {
            int colon = line.lastIndexOf(':');
            if (colon < 0) {
                continue;
            }
            var name = line.substring(0, colon).strip();
            var words = line.substring(colon + 1).strip().split("\\s+", -1);
            if (!name.equals("lo") && words.length >= 2 * COLUMNS) {
                devices.add(
                        new NetworkDevice(name, direction(words, 0), direction(words, COLUMNS)));
            }
        }
        return List.copyOf(devices);
    }

    private static Direction direction(String[] words, int at) {
        return new Direction(
                KernelFile.number(words[at]),
                KernelFile.number(words[at + 1]),
                KernelFile.number(words[at + 2]),
                KernelFile.number(words[at + 3]));
    }
}
