package io.berth.sandbox.operation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.sandbox.SandboxException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;

/** Where a container's log lies: always inside the log folder of its pod. */
final class LogPath {
    private static final int MAX_PATH_BYTES = 4096;
    private static final int MAX_NAME_BYTES = 255;

    private LogPath() {}

    /**
     * The absolute path of a log; empty if the folder or the path within it is.
     *
     * @throws SandboxException.InvalidRequest if the folder is not absolute or the path leaves it
     */
    static String of(String folder, String path) {
        if (folder.isEmpty() || path.isEmpty()) {
            return "";
        }
        if (!folder.startsWith("/") || folder.indexOf('\0') >= 0) {
            throw new SandboxException.InvalidRequest(
                    "sandbox_config.log_directory: found '%s', wanted an absolute path"
                            .formatted(folder));
        }
        if (path.indexOf('\0') < 0 && isShort(folder + "/" + path)) {
            var within = Path.of(folder).normalize();
            var log = within.resolve(path).normalize();
            if (log.startsWith(within) && !log.equals(within)) {
                return log.toString();
            }
        }
        throw new SandboxException.InvalidRequest(
                "config.log_path: found '%s', wanted a path inside %s of names that a file may have"
                        .formatted(printable(path), folder));
    }

    /**
     * Returns if a container can log to a path: nothing is there, or a regular file.
     *
     * @param log as {@link #of} returns it
     * @throws SandboxException.InvalidRequest if something else is there, or is on the way to it
     */
    static void requireFile(String log) {
        if (log.isEmpty()) {
            return;
        }
        var path = Path.of(log);
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new SandboxException.InvalidRequest(
                    "config.log_path: found %s at %s, wanted a regular file or nothing there"
                            .formatted(kind(path), printable(log)));
        }
        var folder = path.getParent();
        while (folder != null && Files.notExists(folder)) {
            folder = folder.getParent();
        }
        if (folder != null && !Files.isDirectory(folder)) {
            throw new SandboxException.InvalidRequest(
                    "config.log_path: found %s at %s, wanted a folder or nothing there"
                            .formatted(kind(folder), printable(folder.toString())));
        }
    }

    private static String kind(Path path) {
        if (Files.isSymbolicLink(path)) {
            return "a symbolic link";
        }
        if (Files.isDirectory(path)) {
            return "a folder";
        }
        return Files.isRegularFile(path) ? "a file" : "a FIFO, a socket or a device";
    }

    /** Whether the kernel takes a path, and each name in it (limits.h). */
    private static boolean isShort(String path) {
        return path.getBytes(UTF_8).length < MAX_PATH_BYTES
                && Arrays.stream(path.split("/", -1))
                        .allMatch(name -> name.getBytes(UTF_8).length <= MAX_NAME_BYTES);
    }

    private static String printable(String path) {
        var text = path.replaceAll("\\p{Cntrl}", "?");
        return text.length() > MAX_NAME_BYTES ? text.substring(0, MAX_NAME_BYTES) + "…" : text;
    }
}
