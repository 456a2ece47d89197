package io.berth.linux.socket;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** Finds the process that listens on a unix socket, for a message. */
final class SocketHolder {
    /** Flag of a socket that listens, in /proc/net/unix. */
    private static final String LISTENS = "00010000";

    private SocketHolder() {}

    /** The process by name and pid; "another process" if /proc does not tell. */
    static String of(Path path) {
        try {
            var inode = inode(path);
            if (inode.isPresent()) {
                return holder("socket:[" + inode.get() + "]").orElse("another process");
            }
        } catch (IOException unknown) {
            return "another process";
        }
        return "another process";
    }

    /**
     * The socket's inode, by lines such as {@code ffff8f… 00000002 00000000 00010000 0001 01 31337
     * /run/x.sock} (proc(5)). A path may be spelled in another way, and ours are bound hidden.
     */
    private static Optional<String> inode(Path path) throws IOException {
        var hidden = path.resolveSibling("." + path.getFileName()).toString();
        for (var line : Files.readAllLines(Path.of("/proc/net/unix"))) {
            var words = line.strip().split("\\s+", 8);
            if (words.length == 8
                    && words[3].equals(LISTENS)
                    && words[7].startsWith("/")
                    && (words[7].equals(hidden) || isSame(path, Path.of(words[7])))) {
                return Optional.of(words[6]);
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(Path path, Path bound) {
        try {
            return Objects.equals(path.getFileName(), bound.getFileName())
                    && Files.isSameFile(path, bound);
        } catch (IOException gone) {
            return false;
        }
    }

    private static Optional<String> holder(String socket) throws IOException {
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                if (holds(process, socket)) {
                    var name = Files.readString(process.resolve("comm")).strip();
                    return Optional.of("%s (pid %s)".formatted(name, process.getFileName()));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holds(Path process, String socket) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (var file : files) {
                if (Files.isSymbolicLink(file)
                        && Files.readSymbolicLink(file).toString().equals(socket)) {
                    return true;
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException ended) {
            return false; // the process, or one of its files, has gone meanwhile
        }
        return false;
    }
}
