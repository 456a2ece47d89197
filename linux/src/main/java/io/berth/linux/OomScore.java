package io.berth.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** oom_score_adj in /proc (proc_pid_oom_score_adj(5)): -1000 to 1000. */
final class OomScore {
    private OomScore() {}

    private static Path file(String pid) {
        return Path.of("/proc", pid, "oom_score_adj");
    }

    static int read(int pid) throws IOException {
        return parse(file(Integer.toString(pid)));
    }

    private static int parse(Path file) throws IOException {
        return Integer.parseInt(Files.readString(file).strip());
    }

    static int set(int pid, int value) throws IOException {
        if (value < -1000 || value > 1000) {
            throw new IllegalArgumentException(
                    "oom_score_adj: found %d, wanted -1000 to 1000".formatted(value));
        }
        Path file = file(Integer.toString(pid));
        try {
            Files.writeString(file, Integer.toString(value));
            return value;
        } catch (IOException refused) {
            int own = parse(file("self"));
            if (value >= own || !Files.exists(file)) {
                throw refused;
            }
            Files.writeString(file, Integer.toString(own));
            return own;
        }
    }
}
