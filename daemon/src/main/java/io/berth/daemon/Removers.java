package io.berth.daemon;

import io.berth.cni.PodNetworks;
import io.berth.cni.remains.NatTable;
import io.berth.cni.remains.Remain;
import io.berth.cni.remains.Remains;
import io.berth.daemon.config.NodeConfig;
import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.FdPoller;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.Namespaces;
import io.berth.linux.Processes;
import io.berth.sandbox.logs.ContainerLogs;
import io.berth.sandbox.logs.LogKeeper;
import io.berth.sandbox.nri.PluginPrograms;
import io.berth.sandbox.operation.SystemdSlice;
import io.berth.sandbox.resource.CgroupRemover;
import io.berth.sandbox.resource.FolderRemover;
import io.berth.sandbox.resource.HostProcesses;
import io.berth.sandbox.resource.LogWriterRemover;
import io.berth.sandbox.resource.NetworkRemovers;
import io.berth.sandbox.resource.PluginRemover;
import io.berth.sandbox.resource.RemainRemover;
import io.berth.sandbox.resource.Remover;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.resource.Resources;
import io.berth.sandbox.resource.SliceRemover;
import io.berth.sandbox.resource.SnapshotRemover;
import io.berth.sandbox.resource.TaskRemovers;
import io.berth.sandbox.resource.UsernsRemover;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.shim.RuntimeTasks;
import io.berth.sandbox.shim.TaskRemains;
import io.berth.sandbox.shim.Tasks;
import io.berth.storage.Storage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The wiring of what pods have outside the store: which remover takes away what. */
final class Removers {
    /** Where libcni, which other runtimes attach their pods by, keeps its cache. */
    private static final Path LIBCNI = Path.of("/var/lib/cni");

    private final NodeConfig config;
    private final Storage storage;
    private final SandboxPaths paths;
    private final Linux linux;
    private final HostFiles files;
    private final HostProcesses host;

    Removers(NodeConfig config, Storage storage, SandboxPaths paths, Linux linux, HostFiles files) {
        this.config = config;
        this.storage = storage;
        this.paths = paths;
        this.linux = linux;
        this.files = files;
        var address = config.socket().toString();
        this.host = new HostProcesses(linux, address, paths.ioFolder(), config.timeouts().kill());
    }

    /** Plugins of the node as programs that the daemon starts. */
    PluginPrograms pluginPrograms(Processes processes) {
        return new PluginPrograms(
                paths.plugins(),
                config.process().nativeProgram(),
                processes,
                storage.ledger(),
                new PluginRemover(linux, paths.plugins(), config.timeouts().kill()));
    }

    /**
     * The logs of containers, whose writers are replaced if others than these removers kill them.
     */
    ContainerLogs logs(Processes processes, FdPoller poller, SandboxSettings settings) {
        return new ContainerLogs(
                Settings.logWriters(config, processes),
                host::writerStarted,
                files,
                settings,
                paths,
                Optional.of(new LogKeeper(poller, host)));
    }

    /** Returns the fallback that ends tasks when their shim or OCI runtime fails to. */
    TaskRemains remains(Cgroups cgroups) {
        return new TaskRemains(this::cgroupsOf, cgroups, config.timeouts().kill());
    }

    private List<CgroupPath> cgroupsOf(String owner) {
        return storage.ledger().of(owner).stream()
                .filter(entry -> entry.kind().equals(ResourceKind.CGROUP.word()))
                .map(entry -> new CgroupPath(entry.key()))
                .toList();
    }

    /** The resources of pods, over the store's ledger. */
    Resources resources(
            Tasks tasks,
            RuntimeTasks runtimes,
            PodNetworks networks,
            Cgroups cgroups,
            Processes processes,
            Clock clock) {
        var running = new TaskRemovers(tasks, runtimes, paths, host);
        return new Resources(
                storage.ledger(), removers(running, networks, cgroups, processes), clock);
    }

    /** What plugins keep on the host, of the networks of the node and of its runtime handlers. */
    private Remains remains(Processes processes) {
        var handlers =
                config.runtimes().handlers().values().stream()
                        .flatMap(handler -> handler.options().cniConfDir().stream());
        var folders = Stream.concat(config.cni().confDirs().stream(), handlers).distinct().toList();
        return new Remains(folders, LIBCNI, NatTable.ofHost(processes), linux);
    }

    private RemainRemover remain(Remains remains, Remain.Kind kind) {
        return new RemainRemover(remains, kind, id -> !storage.ledger().of(id).isEmpty());
    }

    private Map<ResourceKind, Remover> removers(
            TaskRemovers running, PodNetworks networks, Cgroups cgroups, Processes processes) {
        var limit = config.timeouts().kill();
        var remains = remains(processes);
        var network = new NetworkRemovers(networks, remains);
        return Map.ofEntries(
                Map.entry(ResourceKind.TASK, running.tasks()),
                Map.entry(ResourceKind.SHIM, running.shims()),
                Map.entry(ResourceKind.LOG_WRITER, new LogWriterRemover(host)),
                Map.entry(ResourceKind.FIFO, folders(paths.ioFolder())),
                Map.entry(ResourceKind.BUNDLE, folders(paths.bundles())),
                Map.entry(ResourceKind.SNAPSHOT, new SnapshotRemover(storage.snapshotters())),
                Map.entry(ResourceKind.MOUNT, folders(paths.shmFolder(), paths.volumeFolder())),
                Map.entry(ResourceKind.VOLUME, folders(paths.declaredFolder())),
                Map.entry(ResourceKind.CNI, network.attachments()),
                Map.entry(ResourceKind.ADDRESS, remain(remains, Remain.Kind.ADDRESS)),
                Map.entry(ResourceKind.NAT_RULES, remain(remains, Remain.Kind.RULES)),
                Map.entry(ResourceKind.NETNS, network.namespaces()),
                Map.entry(
                        ResourceKind.USERNS,
                        new UsernsRemover(paths.usernsFolder(), new Namespaces(linux))),
                Map.entry(ResourceKind.CGROUP, new CgroupRemover(cgroups, parents(), limit)),
                Map.entry(ResourceKind.SLICE, slices(cgroups, processes)),
                Map.entry(
                        ResourceKind.NRI_PLUGIN, new PluginRemover(linux, paths.plugins(), limit)),
                Map.entry(ResourceKind.DIRECTORY, folders(paths.sandboxFolder())));
    }

    /** Returns the parent cgroups of pods that name none, one for each cgroup driver. */
    private List<CgroupPath> parents() {
        var parent = config.pods().cgroupParent();
        return Stream.of(parent, SystemdSlice.ofPath(parent).path())
                .distinct()
                .map(CgroupPath::new)
                .toList();
    }

    private SliceRemover slices(Cgroups cgroups, Processes processes) {
        return new SliceRemover(
                SystemdBus.systemctl(Path.of("/")),
                processes,
                cgroups,
                SystemdSlice.ofPath(config.pods().cgroupParent()).toString(),
                slice -> new CgroupPath(new SystemdSlice(slice).path()),
                SystemdBus.isUsed(Settings.of(config, "")),
                config.timeouts().kill());
    }

    private FolderRemover folders(Path... parents) {
        return new FolderRemover(List.of(parents), files);
    }
}
