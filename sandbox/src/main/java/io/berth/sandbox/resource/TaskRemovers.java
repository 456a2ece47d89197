package io.berth.sandbox.resource;

import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.shim.Tasks;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Removers of what runs: tasks, and the shims that they run in. */
public final class TaskRemovers {
    private final Tasks tasks;
    private final SandboxPaths paths;
    private final HostProcesses processes;

    public TaskRemovers(Tasks tasks, SandboxPaths paths, HostProcesses processes) {
        this.tasks = tasks;
        this.paths = paths;
        this.processes = processes;
    }

    /** Ends tasks; sees those that the OCI runtime keeps state of. */
    public Remover tasks() {
        return new Remover() {
            @Override
            public void remove(Ledger.Entry entry) throws IOException {
                tasks.end(sandbox(entry), entry.key(), handler(entry));
            }

            @Override
            public Set<String> standing() throws IOException {
                return names(paths.runcTasks());
            }
        };
    }

    /** Ends shims; sees the processes whose command line names one of our bundles' ids. */
    public Remover shims() {
        return new Remover() {
            @Override
            public void remove(Ledger.Entry entry) throws IOException {
                var id = new SandboxId(Path.of(entry.key()).getFileName().toString());
                tasks.endShim(id, handler(entry));
            }

            @Override
            public Set<String> standing() throws IOException {
                var found = new HashSet<String>();
                for (var id : processes.shimIds()) {
                    found.add(paths.bundles().resolve(id).toString());
                }
                return found;
            }
        };
    }

    private static SandboxId sandbox(Ledger.Entry entry) {
        return new SandboxId(entry.details().getOrDefault("sandbox", entry.key()));
    }

    private static String handler(Ledger.Entry entry) {
        return entry.details().getOrDefault("handler", "");
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
