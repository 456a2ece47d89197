package io.berth.storage.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds who holds a record lock on a file, for a message. */
final class LockHolder {
    private LockHolder() {}

    /**
     * The holder by /proc/locks, whose lines are {@code 1: POSIX ADVISORY WRITE 4711 08:02:1234567
     * 0 EOF} (proc(5)).
     */
    static String describe(Path file) {
        try {
            var inode = ":" + Files.getAttribute(file, "unix:ino");
            for (var line : Files.readAllLines(Path.of("/proc/locks"))) {
                var words = line.trim().split("\\s+", -1);
                if (words.length > 5 && words[5].endsWith(inode)) {
                    boolean own = words[4].equals(Long.toString(ProcessHandle.current().pid()));
                    return own ? "this process" : "process " + words[4];
                }
            }
        } catch (IOException | IllegalArgumentException unknown) {
            return "another process (%s)".formatted(unknown.getMessage());
        }
        return "another process";
    }
}
