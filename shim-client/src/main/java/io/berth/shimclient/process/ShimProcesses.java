package io.berth.shimclient.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.MountInfo;
import io.berth.linux.ProcessCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Finds shim processes by a key that we chose before they were: their working directory is the
 * bundle, and {@code -id ID} stands on their command line, or {@link #MARK} in their environment.
 * Nothing else is ever killed.
 */
public final class ShimProcesses {
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(5);

    /** The variable with the bundle's path that each start is given, and all that comes of it. */
    public static final String MARK = "BERTH_SHIM_BUNDLE";

    private final Linux linux;

    public ShimProcesses(Linux linux) {
        this.linux = linux;
    }

    /** Whether a process, by its folder below /proc, is one of a bundle's. */
    private interface Key {
        boolean fits(Path proc, Bundle bundle);
    }

    /** A bundle as a shim was given it, and as the kernel names it where links lead there. */
    private record Bundle(Path given, Path real) {}

    /** Pids of the live shim processes of a bundle: of the shim, or of a start not yet over. */
    public List<Integer> of(Path bundle) throws IOException {
        return of(bundle, ShimProcesses::belongsTo);
    }

    private static List<Integer> of(Path named, Key key) throws IOException {
        var bundle = new Bundle(named, MountInfo.real(named));
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            var pids = new java.util.ArrayList<Integer>();
            for (var entry : entries) {
                if (key.fits(entry, bundle)) {
                    pids.add(Integer.parseInt(entry.getFileName().toString()));
                }
            }
            return List.copyOf(pids);
        } catch (UncheckedIOException | java.nio.file.DirectoryIteratorException e) {
            throw new IOException("/proc: " + e.getMessage(), e);
        }
    }

    /** Kills them and waits for their end; success if there are none. */
    public void kill(Path bundle) throws IOException {
        kill(bundle, ShimProcesses::belongsTo);
    }

    /**
     * Kills also what a start left that goes by another id, such as a shim that misunderstood it,
     * and the programs that these run. Not for a shim whose tasks are to live.
     */
    public void killAll(Path bundle) throws IOException {
        kill(bundle, (proc, of) -> belongsTo(proc, of) || isMarked(proc, of));
    }

    private void kill(Path named, Key key) throws IOException {
        var bundle = new Bundle(named, MountInfo.real(named));
        for (int pid : of(named, key)) {
            try (var process = linux.pidfdOpen(pid)) {
                if (key.fits(Path.of("/proc", Integer.toString(pid)), bundle)) {
                    linux.pidfdSendSignal(process, ProcessCalls.SIGKILL);
                    if (!linux.awaitExit(process, KILL_TIMEOUT)) {
                        throw new IOException(
                                "shim %s: process %d does not end within %s of SIGKILL"
                                        .formatted(named.getFileName(), pid, KILL_TIMEOUT));
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
    private static boolean belongsTo(Path proc, Bundle bundle) {
        try {
            if (!worksIn(proc, bundle.real())) {
                return false;
            }
            var arguments = words(proc.resolve("cmdline"));
            int at = arguments.indexOf("-id");
            return at >= 0
                    && at + 1 < arguments.size()
                    && arguments.get(at + 1).equals(String.valueOf(bundle.given().getFileName()));
        } catch (IOException vanished) {
            return false;
        }
    }

    private static boolean isMarked(Path proc, Bundle bundle) {
        try {
            return worksIn(proc, bundle.real())
                    && words(proc.resolve("environ")).contains(MARK + "=" + bundle.given());
        } catch (IOException vanished) {
            return false;
        }
    }

    private static boolean worksIn(Path proc, Path bundle) throws IOException {
        var directory = Files.readSymbolicLink(proc.resolve("cwd")).toString();
        var path = bundle.toString();
        return directory.equals(path) || directory.equals(path + " (deleted)");
    }

    private static List<String> words(Path file) throws IOException {
        return List.of(new String(Files.readAllBytes(file), UTF_8).split("\0"));
    }
}
