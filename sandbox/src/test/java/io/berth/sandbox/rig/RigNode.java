package io.berth.sandbox.rig;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.cni.CniConfig;
import io.berth.cni.CniTimeouts;
import io.berth.cni.PodNetworks;
import io.berth.cni.remains.Remain;
import io.berth.cni.remains.Remains;
import io.berth.imageservice.image.BuiltinImage;
import io.berth.imageservice.image.ImageRecords;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.image.Images;
import io.berth.imageservice.image.UsageSampler;
import io.berth.imageservice.pull.PullSettings;
import io.berth.imageservice.pull.Pulls;
import io.berth.imageservice.registry.Registries;
import io.berth.imageservice.registry.RegistrySettings;
import io.berth.linux.BlockingCalls;
import io.berth.linux.CgroupLayout;
import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.FdPoller;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.Namespaces;
import io.berth.linux.Processes;
import io.berth.linux.UserNamespaces;
import io.berth.linux.step.Steps;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.event.PodEvents;
import io.berth.sandbox.exit.ProcessDeaths;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.sandbox.logs.ContainerLogs;
import io.berth.sandbox.nri.NoNri;
import io.berth.sandbox.operation.Adoptions;
import io.berth.sandbox.operation.ExitWatch;
import io.berth.sandbox.operation.Exits;
import io.berth.sandbox.operation.HostPaths;
import io.berth.sandbox.operation.Node;
import io.berth.sandbox.operation.Operations;
import io.berth.sandbox.operation.PodTask;
import io.berth.sandbox.operation.Sandboxes;
import io.berth.sandbox.recovery.Audit;
import io.berth.sandbox.recovery.ContainerRecovery;
import io.berth.sandbox.recovery.Recovery;
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
import io.berth.sandbox.runtime.IdmapProbe;
import io.berth.sandbox.runtime.RuntimeProbe;
import io.berth.sandbox.sandbox.SandboxStore;
import io.berth.sandbox.security.SecurityHost;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.shim.PodShims;
import io.berth.sandbox.shim.RuntimeTasks;
import io.berth.sandbox.shim.TaskRemains;
import io.berth.sandbox.shim.Tasks;
import io.berth.sandbox.spec.HostLimits;
import io.berth.shimclient.shim.ShimSettings;
import io.berth.shimclient.shim.ShimTimeouts;
import io.berth.shimclient.shim.Shims;
import io.berth.shimclient.shim.TaskEvent;
import io.berth.shimclient.writer.LogWriters;
import io.berth.shimclient.writer.NativeProgram;
import io.berth.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One daemon's life on a rig's folder, wired as the real one is. */
final class RigNode implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PAUSE_IMAGE = "rig.local/pause:1";
    private static final String CGROUP_PARENT = "/berth";

    private final SandboxPaths paths;
    private final SandboxSettings settings;
    private final Linux linux;
    private final HostFiles files;
    private final Cgroups cgroups;
    private final Clock clock;
    private final Processes processes = new Processes();
    private final Namespaces namespaces;
    private final Storage storage;
    private final FdPoller poller;
    private final ProcessDeaths deaths;
    private final BlockingCalls blocking = new BlockingCalls(2, 4);
    private final Registries registries = new Registries(RegistrySettings.of(List.of()));
    private final PodNetworks networks;
    private final Shims shims;
    private final Node node;
    private final ExitWatch watch;
    private final Sandboxes sandboxes;
    private final Recovery recovery;
    private final PodEvents events;

    RigNode(Path folder, Linux linux, CgroupLayout layout, Path shim, Clock clock)
            throws IOException {
        this.linux = linux;
        this.clock = clock;
        this.files = new HostFiles(linux);
        this.cgroups = new Cgroups(linux, layout);
        this.namespaces = new Namespaces(linux);
        this.poller = new FdPoller(linux);
        this.deaths = new ProcessDeaths(linux, RigNode::startedHere);
        var program = program(folder);
        this.settings = settings(folder, shim, program);
        this.paths = new SandboxPaths(settings);
        this.storage = Storage.open(settings.root(), linux, clock, "overlayfs");
        this.networks = new PodNetworks(cni(folder), namespaces, processes, files);
        var socket = folder.resolve("berth.sock");
        this.shims =
                new Shims(
                        new ShimSettings(
                                "k8s.io",
                                socket,
                                folder.resolve("berth.sock.ttrpc"),
                                program,
                                ShimTimeouts.DEFAULT,
                                folder.resolve("s")),
                        processes,
                        linux,
                        files);
        var runtimeTasks = new RuntimeTasks(settings, paths, processes, files);
        var podShims = new PodShims(shims, settings, paths, runtimeTasks);
        var ends = new ProcessEnds(linux, deaths, clock);
        var remains = new TaskRemains(_ -> List.of(), cgroups, PATIENCE);
        var tasks = new Tasks(podShims, ends, remains, PATIENCE);
        var host = new HostProcesses(linux, socket.toString(), paths.ioFolder(), PATIENCE);
        var writers = new LogWriters(NativeProgram.at(program), processes, PATIENCE);
        var logs = new ContainerLogs(writers, host::writerStarted, files, settings, paths);
        this.node = node(podShims, removers(tasks, runtimeTasks, host));
        this.watch = new ExitWatch(node, tasks, cgroups, logs, ends);
        var pods = new PodTask(node);
        this.sandboxes =
                new Sandboxes(
                        node,
                        pods,
                        logs,
                        watch,
                        new Sandboxes.Streaming(poller, namespaces, ends),
                        new HostPaths(blocking, files));
        this.recovery =
                new Recovery(
                        node,
                        pods,
                        new ContainerRecovery(node, watch, namespaces, ends),
                        new Audit(node));
        this.events = new PodEvents(node.sandboxes(), node.containers(), clock);
    }

    /** The processes of scripted shims are this process's own. */
    private static boolean startedHere(int pid, int shimPid) {
        long here = ProcessHandle.current().pid();
        return ProcessHandle.of(pid)
                .flatMap(ProcessHandle::parent)
                .filter(parent -> parent.pid() != here)
                .isEmpty();
    }

    private static Path program(Path folder) throws IOException {
        var program = folder.resolve("berth-native");
        if (!Files.exists(program)) {
            Files.write(program, NativeProgram.bytes());
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        }
        return program;
    }

    private static SandboxSettings settings(Path folder, Path shim, Path program) {
        var handler =
                new SandboxSettings.RuntimeHandler("runc", shim, Optional.empty(), false, false);
        return new SandboxSettings(
                folder.resolve("r"),
                folder,
                program,
                "runc",
                Map.of("runc", handler),
                CGROUP_PARENT,
                PAUSE_IMAGE,
                16 << 10,
                new SandboxSettings.Timeouts(PATIENCE, PATIENCE, PATIENCE, PATIENCE));
    }

    private static CniConfig cni(Path folder) {
        return new CniConfig(
                List.of(folder.resolve("net.d")),
                List.of(folder.resolve("plugins")),
                folder.resolve("cni"),
                folder.resolve("netns"),
                1,
                CniTimeouts.DEFAULTS);
    }

    private Node node(PodShims podShims, Map<ResourceKind, Remover> removers) throws IOException {
        var records = ImageRecords.open(storage.metadata(), storage.snapshotters(), clock);
        var pulls = new Pulls(storage, records, registries, PullSettings.DEFAULT);
        var usage = new UsageSampler(storage.content(), storage.snapshotters(), clock);
        var security = new SecurityHost.Settings(List.of(), true, 0, "unconfined", paths.bundles());
        var userNamespaces = new UserNamespaces(linux, settings.nativeProgram());
        return new Node(
                settings,
                paths,
                SandboxStore.open(storage.metadata()),
                ContainerStore.open(storage.metadata()),
                new Resources(storage.ledger(), removers, clock),
                new Operations(clock),
                new Adoptions(),
                new Exits(),
                podShims,
                networks,
                new RuntimeProbe(
                        settings,
                        processes,
                        new IdmapProbe(linux, userNamespaces, settings.root())),
                userNamespaces,
                new Images(records, pulls, usage, storage.content(), () -> {}),
                storage,
                linux,
                files,
                new HostLimits(Set.of(), 0, false, false, false, "host"),
                new NoNri(),
                SecurityHost.open(security, blocking, linux, processes),
                "boot",
                clock);
    }

    private Map<ResourceKind, Remover> removers(
            Tasks tasks, RuntimeTasks runtimes, HostProcesses host) {
        var running = new TaskRemovers(tasks, runtimes, paths, host);
        var libcni = settings.state().resolve("libcni");
        var remains = new Remains(cni(settings.state()).confDirs(), libcni, List.of(), linux);
        var network = new NetworkRemovers(networks, remains);
        var parent = new CgroupPath(CGROUP_PARENT);
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
                Map.entry(ResourceKind.USERNS, new UsernsRemover(paths.usernsFolder(), namespaces)),
                Map.entry(ResourceKind.CGROUP, new CgroupRemover(cgroups, parent, PATIENCE)),
                Map.entry(ResourceKind.SLICE, withoutSystemd(parent)),
                Map.entry(
                        ResourceKind.NRI_PLUGIN,
                        new PluginRemover(linux, paths.plugins(), PATIENCE)),
                Map.entry(ResourceKind.DIRECTORY, folders(paths.sandboxFolder())));
    }

    private RemainRemover remain(Remains remains, Remain.Kind kind) {
        return new RemainRemover(remains, kind, id -> !storage.ledger().of(id).isEmpty());
    }

    private SliceRemover withoutSystemd(CgroupPath parent) {
        return new SliceRemover(
                Optional.empty(), processes, cgroups, "rig.slice", _ -> parent, false, PATIENCE);
    }

    private FolderRemover folders(Path... parents) {
        return new FolderRemover(List.of(parents), files);
    }

    /** Serves; pods are not recovered yet. */
    void start() throws IOException {
        for (var parent : paths.parents()) {
            Steps.run(
                    "state.create", parent.toString(), () -> files.createDirectories(parent, 0711));
        }
        shims.onEvent(
                event -> {
                    if (event instanceof TaskEvent.Oom(var id)) {
                        watch.oom(new ContainerId(id));
                    }
                });
        shims.listen();
        poller.start();
        networks.start();
        image(PAUSE_IMAGE, "pause");
        image(NodeRig.IMAGE, "bin/app");
        events.start();
    }

    private void image(String name, String path) {
        var image =
                new BuiltinImage(
                        ImageRef.parse(name), path, path.getBytes(UTF_8), List.of("/" + path));
        var _ = node.images().importBuiltin(image);
    }

    Node node() {
        return node;
    }

    Sandboxes sandboxes() {
        return sandboxes;
    }

    Recovery recovery() {
        return recovery;
    }

    PodEvents events() {
        return events;
    }

    void leaveShims() {
        try {
            shims.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The end of a daemon; its pods live on. Repeats well. */
    @Override
    public void close() throws IOException {
        events.close();
        shims.close();
        poller.close();
        deaths.close();
        blocking.close();
        networks.close();
        node.runtimes().close();
        node.images().close();
        registries.close();
        storage.close();
    }
}
