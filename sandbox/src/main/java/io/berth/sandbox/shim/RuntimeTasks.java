package io.berth.sandbox.shim;

import io.berth.linux.HostFiles;
import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import io.berth.sandbox.runtime.RuntimeBinary;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.settings.SandboxSettings.RuntimeHandler;
import io.berth.sandbox.settings.ShimType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tasks that OCI runtimes keep state of, each in a folder of the task's id. A shim that was cut
 * in its Create forgets a task of which the runtime keeps a half.
 */
public final class RuntimeTasks {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** Beside the pid file of every shim, {@code init.pid}, by runc's rule for temporary names. */
    private static final String HALF_WRITTEN = ".init.pid";

    private static final int MAX_OUTPUT_BYTES = 64 << 10;
    private static final int MAX_QUOTED_CHARS = 500;

    private final SandboxSettings settings;
    private final SandboxPaths paths;
    private final Processes processes;
    private final HostFiles files;

    public RuntimeTasks(
            SandboxSettings settings, SandboxPaths paths, Processes processes, HostFiles files) {
        this.settings = settings;
        this.paths = paths;
        this.processes = processes;
        this.files = files;
    }

    /** Whether a runtime keeps state of the task, whole or half. */
    boolean knows(String handler, String taskId) {
        return roots(handler).keySet().stream().anyMatch(root -> keeps(root, taskId));
    }

    /**
     * Removes the pid file that runc was cut in writing: it never overwrites one, so that no later
     * create would succeed. To be called before the state goes, which alone tells of the cut. Needs
     * an open step.
     */
    void removeHalfWritten(String taskId) throws IOException {
        files.deleteIfExists(paths.bundles().resolve(taskId).resolve(HALF_WRITTEN));
    }

    /**
     * Makes the runtime end the task and forget it; success if no runtime knows it. Needs an open
     * step.
     *
     * @param handler the task's handler; the runtimes of all others are asked too, since the name
     *     may be unknown or stand for another runtime by now
     * @throws IOException if the state is still there afterwards, with the runtime's words
     */
    void delete(String handler, String taskId) throws IOException {
        Steps.require("task %s: delete by the runtime".formatted(taskId));
        for (var root : roots(handler).entrySet()) {
            if (keeps(root.getKey(), taskId)) {
                delete(root.getKey(), root.getValue(), taskId);
            }
        }
    }

    /**
     * Removes what runtimes keep of a task whose processes and cgroup are ended without them, with
     * what a killed restore left mounted there; success if none keeps anything. Needs an open step.
     */
    void forget(String handler, String taskId) throws IOException {
        for (var root : roots(handler).keySet()) {
            if (keeps(root, taskId)) {
                files.detachAndDeleteTree(root.resolve(taskId));
            }
        }
    }

    private void delete(Path root, RuntimeHandler handler, String taskId) throws IOException {
        var binary =
                RuntimeBinary.of(handler)
                        .orElseThrow(
                                () ->
                                        new IOException(
                                                ("task %s: its state in %s stays: found no OCI"
                                                                + " runtime for handler '%s', wanted one to"
                                                                + " delete it with")
                                                        .formatted(taskId, root, handler.name())));
        var command = new ArrayList<>(List.of(binary.toString(), "--root", root.toString()));
        if (handler.systemdCgroup()) {
            command.add("--systemd-cgroup");
        }
        command.addAll(List.of("delete", "--force", taskId));
        var done =
                processes.run(
                        new Processes.Launch(
                                command,
                                Path.of("/"),
                                Map.of("PATH", RuntimeBinary.PATH),
                                new byte[0],
                                TIMEOUT,
                                MAX_OUTPUT_BYTES));
        if (keeps(root, taskId)) {
            var words = done.stderrText();
            throw new IOException(
                    "task %s: its state %s stays after '%s delete --force', exit code %d: %s"
                            .formatted(
                                    taskId,
                                    root.resolve(taskId),
                                    binary,
                                    done.exitCode(),
                                    words.substring(
                                            Math.max(0, words.length() - MAX_QUOTED_CHARS))));
        }
    }

    /**
     * The tasks of ours that a runtime keeps state of: all in berth's own folder; in a folder of a
     * handler's, which others may use too, those that have a bundle of ours.
     */
    public Set<String> standing() throws IOException {
        var found = new HashSet<String>();
        for (var root : roots("").keySet()) {
            boolean own = root.equals(paths.runcTasks());
            for (var id : names(root)) {
                if (own || Files.isDirectory(paths.bundles().resolve(id))) {
                    found.add(id);
                }
            }
        }
        return found;
    }

    /** Every folder with tasks' state, with the handler whose runtime is to be asked. */
    private Map<Path, RuntimeHandler> roots(String preferred) {
        var roots = new LinkedHashMap<Path, RuntimeHandler>();
        settings.handler(preferred).ifPresent(handler -> add(roots, handler));
        settings.handler("").ifPresent(handler -> add(roots, handler));
        settings.runtimes().keySet().stream()
                .sorted()
                .flatMap(name -> settings.handler(name).stream())
                .forEach(handler -> add(roots, handler));
        return roots;
    }

    private void add(Map<Path, RuntimeHandler> roots, RuntimeHandler handler) {
        if (ShimType.of(handler.shim()).isRunc()) {
            var root = handler.options().root().orElse(paths.runcRoot());
            roots.putIfAbsent(SandboxPaths.runcTasks(root), handler);
        }
    }

    private static boolean keeps(Path root, String taskId) {
        return Files.exists(root.resolve(taskId), LinkOption.NOFOLLOW_LINKS);
    }

    private static Set<String> names(Path folder) throws IOException {
        var found = new HashSet<String>();
        try (var entries = Files.newDirectoryStream(folder)) {
            entries.forEach(entry -> found.add(String.valueOf(entry.getFileName())));
        } catch (NoSuchFileException none) {
            return Set.of();
        }
        return found;
    }
}
