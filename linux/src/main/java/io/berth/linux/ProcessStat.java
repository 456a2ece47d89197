package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What /proc/PID/stat says of a process. Its id together with its start time names it for good.
 *
 * @param state a letter as in proc_pid_stat(5)
 * @param session the id of the process that began its session; it means no other process for as
 *     long as any process is in that session
 * @param startTime in clock ticks since boot
 */
public record ProcessStat(int pid, String state, int parent, int session, long startTime) {
    private static final Path PROC = Path.of("/proc");
    private static final Pattern SPACE = Pattern.compile(" ");

    /** The process of an id; empty when there is none. */
    public static Optional<ProcessStat> of(int pid) {
        try {
            var path = PROC.resolve(Integer.toString(pid)).resolve("stat");
            return Optional.of(parse(pid, new String(Files.readAllBytes(path), UTF_8)));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** All processes, save those that end while they are read. */
    public static List<ProcessStat> all() throws IOException {
        var found = new ArrayList<ProcessStat>();
        try (var entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var entry : entries) {
                of(Integer.parseInt(entry.getFileName().toString())).ifPresent(found::add);
            }
        }
        return found;
    }

    /** The second field, the program's name, may hold spaces and brackets. */
    private static ProcessStat parse(int pid, String text) {
        var fromThird = SPACE.split(text.substring(text.lastIndexOf(')') + 2), -1);
        return new ProcessStat(
                pid,
                fromThird[0],
                Integer.parseInt(fromThird[4 - 3]),
                Integer.parseInt(fromThird[6 - 3]),
                Long.parseLong(fromThird[22 - 3]));
    }

    /**
     * The status, as waitpid(2) gives it, of a process that has ended and whose parent has not
     * taken it; empty for every other. Needs the right to trace it.
     */
    static OptionalInt exitStatusOfZombie(int pid) {
        try {
            var path = PROC.resolve(Integer.toString(pid)).resolve("stat");
            var text = new String(Files.readAllBytes(path), UTF_8).strip();
            var fromThird = SPACE.split(text.substring(text.lastIndexOf(')') + 2), -1);
            return fromThird[0].equals("Z")
                    ? OptionalInt.of(Integer.parseInt(fromThird[52 - 3]))
                    : OptionalInt.empty();
        } catch (IOException gone) {
            return OptionalInt.empty();
        }
    }

    /** Whether it is no zombie. */
    public boolean runs() {
        return !state.equals("Z") && !state.equals("X");
    }

    /** Whether it is still there, as a zombie perhaps. */
    public boolean stands() {
        return of(pid).filter(now -> now.startTime == startTime).isPresent();
    }
}
