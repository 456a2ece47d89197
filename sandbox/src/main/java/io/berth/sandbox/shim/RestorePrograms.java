package io.berth.sandbox.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.step.Steps;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.settings.SandboxPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The programs that restore a container and may hang: the OCI runtime, which has the folder of the
 * container's images on its command line, and CRIU, which works in the folder above. Both are keys
 * that berth chose. Nothing else is killed, but for what comes of these programs.
 */
final class RestorePrograms {
    private static final String CRIU = "criu";
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private final SandboxPaths paths;
    private final Duration limit;

    /**
     * @param limit from SIGKILL to the end of a process
     */
    RestorePrograms(SandboxPaths paths, Duration limit) {
        this.paths = paths;
        this.limit = limit;
    }

    /**
     * Kills the programs and what they have restored so far; returns whether there were any. Needs
     * an open step.
     *
     * @throws IOException naming a process that outlives it
     */
    boolean kill(String taskId) throws IOException {
        var id = new ContainerId(taskId);
        if (!Files.isDirectory(paths.restore(id))) {
            return false;
        }
        Steps.require("task %s: kill what restores it".formatted(taskId));
        var folder = paths.restore(id).toRealPath();
        long deadline = System.nanoTime() + limit.toNanos();
        var found = found(id, folder);
        boolean any = !found.isEmpty();
        while (!found.isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "task %s: process %d, which restores it, still lives %d s after SIGKILL"
                                .formatted(taskId, found.getFirst().pid(), limit.toSeconds()));
            }
            found.forEach(RestorePrograms::killTree);
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            // CRIU may have made a process meanwhile, which works where CRIU does.
            found = found(id, folder);
        }
        return any;
    }

    private List<ProcessHandle> found(ContainerId id, Path folder) {
        return ProcessHandle.allProcesses().filter(each -> restores(each, id, folder)).toList();
    }

    private boolean restores(ProcessHandle process, ContainerId id, Path folder) {
        var proc = Path.of("/proc", Long.toString(process.pid()));
        try {
            var words = List.of(Files.readString(proc.resolve("cmdline"), UTF_8).split("\0"));
            return words.contains(paths.restoreImages(id).toString())
                    || (Files.readString(proc.resolve("comm"), UTF_8).strip().equals(CRIU)
                            && Files.readSymbolicLink(proc.resolve("cwd")).equals(folder));
        } catch (IOException gone) {
            return false;
        }
    }

    /** Kills children first: CRIU keeps restored processes from running, and is older than they. */
    private static void killTree(ProcessHandle program) {
        var children = new ArrayList<>(program.children().toList());
        children.sort(Comparator.comparingLong(ProcessHandle::pid).reversed());
        children.forEach(RestorePrograms::killTree);
        var _ = program.destroyForcibly();
    }
}
