package io.berth.e2e.host;

import io.berth.e2e.run.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A user of the host without any right, who knows every path: uid and gid 65534, no further group,
 * no capability.
 */
public final class HostUser {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> NOBODY =
            List.of(
                    "setpriv",
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    "--inh-caps=-all",
                    "--bounding-set=-all");

    /** Says of each path of a list what its user may do there: r, w, x; a link counts as none. */
    private static final String LOOK =
            """
            while IFS= read -r path; do
              can=
              [ -h "$path" ] && continue
              [ -r "$path" ] && can=r
              [ -w "$path" ] && can=${can}w
              [ -x "$path" ] && can=${can}x
              kind=f; [ -d "$path" ] && kind=d
              [ -z "$can" ] || echo "$kind$can $path"
            done < "$1"
            """;

    private HostUser() {}

    /**
     * Returns what the user may do with anything below a folder, mounts included: the words {@code
     * f} or {@code d} and the rights {@code r}, {@code w}, {@code x}, then the path.
     */
    public static List<String> rightsBelow(Path folder) throws IOException {
        var list =
                Files.createTempFile(
                        "b-paths-",
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-r--r--")));
        try {
            Files.write(list, paths(folder));
            var words = new ArrayList<>(NOBODY);
            words.addAll(List.of("sh", "-c", LOOK, "look", list.toString()));
            return need(words).lines().sorted().toList();
        } finally {
            Files.delete(list);
        }
    }

    /** Runs a program as the user; its exit code, or 126 and 127 if it may not or is not there. */
    public static Command.Result run(String... command) throws IOException {
        var words = new ArrayList<>(NOBODY);
        words.addAll(List.of(command));
        return Command.run(LIMIT, words);
    }

    /** What root sees below a folder; files that come and go meanwhile are no matter. */
    private static Iterable<String> paths(Path folder) throws IOException {
        var found = Command.run(LIMIT, "find", folder.toString(), "-print0");
        var paths = new TreeSet<>(List.of(found.output().split("\0", -1)));
        paths.removeIf(path -> path.isEmpty() || path.contains("\n"));
        return paths;
    }

    private static String need(List<String> words) throws IOException {
        var result = Command.run(LIMIT, words);
        if (result.exitCode() != 0) {
            throw new IOException("setpriv: %s".formatted(result.error().strip()));
        }
        return result.output();
    }
}
