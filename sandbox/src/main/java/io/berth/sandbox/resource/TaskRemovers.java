package io.berth.sandbox.resource;

import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.shim.RuntimeTasks;
import io.berth.sandbox.shim.Tasks;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Removers of what runs: tasks, and the shims that they run in. */
public final class TaskRemovers {
    private final Tasks tasks;
    private final RuntimeTasks runtimes;
    private final SandboxPaths paths;
    private final HostProcesses processes;

    public TaskRemovers(
            Tasks tasks, RuntimeTasks runtimes, SandboxPaths paths, HostProcesses processes) {
        this.tasks = tasks;
        this.runtimes = runtimes;
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
                return runtimes.standing();
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
}
