package io.berth.linux.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What processes hold open (proc_pid_fd(5)); those that end meanwhile count for nothing.
 *
 * @param descriptors of all of them together
 * @param sockets how many of these are sockets; absent if there are too many to look at each
 */
public record OpenFiles(long descriptors, OptionalLong sockets) {
    /** How many descriptors are looked at one by one. */
    private static final int LOOKED_AT = 1 << 16;

    private static final String LIMIT = "Max open files";

    /** Counts for all of these processes. */
    public static OpenFiles of(List<Integer> processes) {
        long descriptors = 0;
        long sockets = 0;
        for (int pid : processes) {
            try (var files = Files.newDirectoryStream(process(pid).resolve("fd"))) {
                for (var file : files) {
                    descriptors++;
                    if (descriptors <= LOOKED_AT && socket(file)) {
                        sockets++;
                    }
                }
            } catch (IOException gone) {
                // It ended meanwhile, and holds nothing any more.
            }
        }
        return new OpenFiles(
                descriptors,
                descriptors <= LOOKED_AT ? OptionalLong.of(sockets) : OptionalLong.empty());
    }

    private static boolean socket(Path file) {
        try {
            return Files.readSymbolicLink(file).toString().startsWith("socket:");
        } catch (IOException closed) {
            return false;
        }
    }

    /** How many files a process may open (proc_pid_limits(5)); absent if there is no limit. */
    public static OptionalLong softLimit(int pid) {
        var text = KernelFile.text(process(pid).resolve("limits")).orElse("");
        for (var line : text.split("\n", -1)) {
            if (line.startsWith(LIMIT)) {
                var soft = line.substring(LIMIT.length()).strip().split("\\s+", -1)[0];
                return soft.equals("unlimited")
                        ? OptionalLong.empty()
                        : OptionalLong.of(KernelFile.number(soft));
            }
        }
        return OptionalLong.empty();
    }

    private static Path process(int pid) {
        return Path.of("/proc", Integer.toString(pid));
    }
}
