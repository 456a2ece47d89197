package io.berth.sandbox.operation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Says of processes that outlive SIGKILL what the kernel says of them (proc_pid_stat(5)). */
final class HungProcesses {
    private static final int MOST = 5;

    private final Path proc;

    HungProcesses(Path proc) {
        this.proc = proc;
    }

    /** Such as {@code 42 (dd) is in uninterruptible sleep (D) in nfs_wait}; at most a few. */
    String describe(List<Integer> pids) {
        var found = new ArrayList<String>();
        for (int pid : pids) {
            if (found.size() == MOST) {
                found.add("and more");
                break;
            }
            var stat = read(pid, "stat");
            int name = stat.indexOf('(');
            int end = stat.lastIndexOf(')');
            if (name < 0 || end < name || end + 2 >= stat.length()) {
                continue; // it has ended
            }
            found.add(
                    "process %d %s %s"
                            .formatted(
                                    pid,
                                    stat.substring(name, end + 1),
                                    state(stat.charAt(end + 2), pid)));
        }
        return found.isEmpty() ? "none of its processes is left" : String.join("; ", found);
    }

    private String state(char state, int pid) {
        return switch (state) {
            case 'D' -> {
                var where = read(pid, "wchan").strip();
                var at = where.isEmpty() || where.equals("0") ? "" : " in " + where;
                yield "is in uninterruptible sleep (D)%s: a disk, NFS or FUSE does not answer"
                        .formatted(at);
            }
            case 'T', 't' -> "is stopped (T), as by a debugger";
            case 'Z' -> "has ended and its parent has not noticed (Z)";
            default -> "is in state " + state;
        };
    }

    private String read(int pid, String file) {
        try {
            return Files.readString(proc.resolve(Integer.toString(pid)).resolve(file));
        } catch (IOException ended) {
            return "";
        }
    }
}
