package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.ProcessCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Finds shim processes by a key that we chose before they were: their working directory is the
 * bundle, and {@code -id ID} stands on their command line. Nothing else is ever killed.
 */
final class ShimProcesses {
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(5);

    private final Linux linux;

    ShimProcesses(Linux linux) {
        this.linux = linux;
    }

    /** Pids of the live shim processes of a bundle: of the shim, or of a start not yet over. */
    List<Integer> of(Path bundle) throws IOException {
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            var pids = new java.util.ArrayList<Integer>();
            for (var entry : entries) {
                if (belongsTo(entry, bundle)) {
                    pids.add(Integer.parseInt(entry.getFileName().toString()));
                }
            }
            return List.copyOf(pids);
        } catch (UncheckedIOException | java.nio.file.DirectoryIteratorException e) {
            throw new IOException("/proc: " + e.getMessage(), e);
        }
    }

    /** Kills them and waits for their end; success if there are none. */
    void kill(Path bundle) throws IOException {
        for (int pid : of(bundle)) {
            try (var process = linux.pidfdOpen(pid)) {
                if (belongsTo(Path.of("/proc", Integer.toString(pid)), bundle)) {
                    linux.pidfdSendSignal(process, ProcessCalls.SIGKILL);
                    if (!linux.awaitExit(process, KILL_TIMEOUT)) {
                        throw new IOException(
                                "shim %s: process %d does not end within %s of SIGKILL"
                                        .formatted(bundle.getFileName(), pid, KILL_TIMEOUT));
                    }
                }
            } catch (LinuxException e) {
                if (e.errno() != Errno.ESRCH) {
                    throw e;
                }
            }
        }
    }

    /** A process that vanishes meanwhile, or a zombie, which has no directory, does not. */
    private static boolean belongsTo(Path proc, Path bundle) {
        try {
            var directory = Files.readSymbolicLink(proc.resolve("cwd")).toString();
            var path = bundle.toString();
            if (!directory.equals(path) && !directory.equals(path + " (deleted)")) {
                return false;
            }
            var arguments =
                    List.of(
                            new String(Files.readAllBytes(proc.resolve("cmdline")), UTF_8)
                                    .split("\0"));
            int at = arguments.indexOf("-id");
            return at >= 0
                    && at + 1 < arguments.size()
                    && arguments.get(at + 1).equals(String.valueOf(bundle.getFileName()));
        } catch (IOException vanished) {
            return false;
        }
    }
}
