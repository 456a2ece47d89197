package io.berth.sandbox.operation;

import io.berth.sandbox.SandboxException;
import java.nio.file.Path;

/** Where a container's log lies: always inside the log folder of its pod. */
final class LogPath {
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
        if (path.indexOf('\0') < 0) {
            var within = Path.of(folder).normalize();
            var log = within.resolve(path).normalize();
            if (log.startsWith(within) && !log.equals(within)) {
                return log.toString();
            }
        }
        throw new SandboxException.InvalidRequest(
                "config.log_path: found '%s', wanted a path inside %s".formatted(path, folder));
    }
}
