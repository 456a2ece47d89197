package io.berth.sandbox.recovery;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.berth.cni.CniConfig;
import io.berth.cni.CniTimeouts;
import io.berth.cni.PodNetworks;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.imageservice.image.ImageRecords;
import io.berth.imageservice.image.Images;
import io.berth.imageservice.image.UsageSampler;
import io.berth.imageservice.pull.PullSettings;
import io.berth.imageservice.pull.Pulls;
import io.berth.imageservice.registry.Registries;
import io.berth.imageservice.registry.RegistrySettings;
import io.berth.linux.BlockingCalls;
import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.FdPoller;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.Namespaces;
import io.berth.linux.Processes;
import io.berth.linux.UserNamespaces;
import io.berth.linux.step.Steps;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerName;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.container.ContainerStore;
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
import io.berth.sandbox.resource.CgroupRemover;
import io.berth.sandbox.resource.FolderRemover;
import io.berth.sandbox.resource.HostProcesses;
import io.berth.sandbox.resource.LogWriterRemover;
import io.berth.sandbox.resource.Planned;
import io.berth.sandbox.resource.Remover;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.resource.Resources;
import io.berth.sandbox.resource.SnapshotRemover;
import io.berth.sandbox.resource.TaskRemovers;
import io.berth.sandbox.runtime.IdmapProbe;
import io.berth.sandbox.runtime.RuntimeProbe;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxName;
import io.berth.sandbox.sandbox.SandboxState;
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
import io.berth.shimclient.writer.LogWriters;
import io.berth.shimclient.writer.NativeProgram;
import io.berth.storage.Storage;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Ledger;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The parts of a daemon that pods' records go through, over a folder; a later one over the same
 * folder is the next daemon. Pods here are records and a {@link ShimServer}: what takes root, such
 * as mounts and networks, is not reached.
 */
final class NodeRig implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Instant MADE = Instant.parse("2026-11-21T10:00:00Z");

    final Shims shims;
    final Node node;
    final Sandboxes sandboxes;
    final Recovery recovery;
    private final SandboxSettings settings;
    private final SandboxPaths paths;
    private final Linux linux = new LinuxCalls();
    private final HostFiles files = new HostFiles(linux);
    private final Cgroups cgroups;
    private final Processes processes = new Processes();
    private final Storage storage;
    private final FdPoller poller = new FdPoller(linux);
    private final ProcessDeaths deaths = new ProcessDeaths(linux);
    private final BlockingCalls blocking = new BlockingCalls(2, 4);
    private final Registries registries = new Registries(RegistrySettings.of(List.of()));
    private final PodNetworks networks;

    NodeRig(Path directory) throws IOException {
        var program = program(directory);
        cgroups = Cgroups.detect(linux);
        settings = settings(directory, program);
        paths = new SandboxPaths(settings);
        for (var parent : paths.parents()) {
            Files.createDirectories(parent);
        }
        for (var parent : paths.closedParents()) {
            Files.createDirectories(parent);
        }
        storage = Storage.open(settings.root(), linux, Clock.systemUTC(), "native");
        var socket = directory.resolve("berth.sock");
        var namespaces = new Namespaces(linux);
        networks = new PodNetworks(cni(directory), namespaces, processes, files);
        shims =
                new Shims(
                        new ShimSettings(
                                "k8s.io",
                                socket,
                                directory.resolve("berth.sock.ttrpc"),
                                program,
                                ShimTimeouts.DEFAULT),
                        processes,
                        linux,
                        files);
        var runtimeTasks = new RuntimeTasks(settings, paths, processes, files);
        var podShims = new PodShims(shims, settings, paths, runtimeTasks);
        var ends = new ProcessEnds(linux, deaths, Clock.systemUTC());
        var remains = new TaskRemains(_ -> List.of(), cgroups, PATIENCE);
        var tasks = new Tasks(podShims, ends, remains, PATIENCE);
        var host = new HostProcesses(linux, socket.toString(), paths.ioFolder(), PATIENCE);
        var writers = new LogWriters(NativeProgram.at(program), processes, PATIENCE);
        var logs = new ContainerLogs(writers, host::writerStarted, files, settings, paths);
        node = node(podShims, removers(tasks, runtimeTasks, host));
        var watch = new ExitWatch(node, tasks, cgroups, logs, ends);
        var pods = new PodTask(node);
        sandboxes =
                new Sandboxes(
                        node,
                        pods,
                        logs,
                        watch,
                        new Sandboxes.Streaming(poller, namespaces, ends),
                        new HostPaths(blocking, files));
        recovery =
                new Recovery(
                        node,
                        pods,
                        new ContainerRecovery(node, watch, namespaces, ends),
                        new Audit(node));
        shims.listen();
        poller.start();
    }

    private static Path program(Path directory) throws IOException {
        var program = directory.resolve("berth-native");
        if (!Files.exists(program)) {
            Files.write(program, NativeProgram.bytes());
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        }
        return program;
    }

    private static SandboxSettings settings(Path directory, Path program) {
        var handler =
                new SandboxSettings.RuntimeHandler(
                        "runc", directory.resolve("no-shim"), Optional.empty(), false, false);
        return new SandboxSettings(
                directory.resolve("r"),
                directory, // a socket's path may have 107 bytes
                program,
                "runc",
                Map.of("runc", handler),
                "/berth-none",
                "pause",
                16 << 10,
                new SandboxSettings.Timeouts(PATIENCE, PATIENCE, PATIENCE, PATIENCE));
    }

    private static CniConfig cni(Path directory) {
        return new CniConfig(
                List.of(directory.resolve("net.d")),
                List.of(directory.resolve("plugins")),
                directory.resolve("cni"),
                directory.resolve("netns"),
                1,
                CniTimeouts.DEFAULTS);
    }

    private Node node(PodShims podShims, Map<ResourceKind, Remover> removers) throws IOException {
        var clock = Clock.systemUTC();
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
        var removers = new EnumMap<ResourceKind, Remover>(ResourceKind.class);
        for (var kind : ResourceKind.values()) {
            removers.put(kind, NEVER_MADE);
        }
        removers.put(ResourceKind.TASK, running.tasks());
        removers.put(ResourceKind.SHIM, running.shims());
        removers.put(ResourceKind.LOG_WRITER, new LogWriterRemover(host));
        removers.put(ResourceKind.BUNDLE, folders(paths.bundles()));
        removers.put(ResourceKind.MOUNT, folders(paths.shmFolder(), paths.volumeFolder()));
        removers.put(ResourceKind.DIRECTORY, folders(paths.sandboxFolder()));
        removers.put(ResourceKind.SNAPSHOT, new SnapshotRemover(storage.snapshotters()));
        var parent = new CgroupPath(settings.cgroupParent());
        removers.put(ResourceKind.CGROUP, new CgroupRemover(cgroups, parent, PATIENCE));
        return removers;
    }

    private FolderRemover folders(Path... parents) {
        return new FolderRemover(List.of(parents), files);
    }

    private static final Remover NEVER_MADE =
            new Remover() {
                @Override
                public void remove(Ledger.Entry entry) {
                    throw new AssertionError("nothing here makes " + entry);
                }

                @Override
                public Set<String> standing() {
                    return Set.of();
                }
            };

    /** The record and the ledger entries of a pod that is being made. */
    SandboxId pod() {
        var id = SandboxId.random();
        node.sandboxes()
                .add(
                        new PodSandbox(
                                id,
                                new SandboxName("pod"),
                                "hash",
                                "runc",
                                PodSandboxConfig.getDefaultInstance(),
                                MADE,
                                node.bootId(),
                                List.of(),
                                new SandboxState.Creating()),
                        intents(
                                id.value(),
                                id,
                                new Planned(
                                        ResourceKind.SHIM,
                                        paths.bundle(id).toString(),
                                        details(id))));
        return id;
    }

    private static Map<String, String> details(SandboxId pod) {
        return Map.of("sandbox", pod.value(), "handler", "runc");
    }

    /** What pods and containers have, and what only one of them has. */
    private Consumer<Batch> intents(String owner, SandboxId pod, Planned... own) {
        var bundle = new Planned(ResourceKind.BUNDLE, paths.bundles().resolve(owner));
        var task = new Planned(ResourceKind.TASK, owner, details(pod));
        var both = Stream.of(bundle, task);
        return node.resources().intents(owner, Stream.concat(both, Stream.of(own)).toList());
    }

    /** The same of a container, with its bundle, the folder of its FIFOs and its root. */
    ContainerId container(SandboxId pod, ContainerState state) throws IOException {
        var id = ContainerId.random();
        var bundle = Files.createDirectories(paths.bundle(id));
        Files.createDirectories(paths.io(id));
        Files.write(
                bundle.resolve("config.json"),
                new JsonMapper()
                        .writeValueAsBytes(
                                Map.of(
                                        "process", Map.of("cwd", "/", "args", List.of("sh")),
                                        "linux", Map.of("resources", Map.of()))));
        Steps.run(
                "snapshot.prepare",
                id.value(),
                () ->
                        storage.snapshotters()
                                .named(Optional.empty())
                                .prepare(new SnapshotKey(id.value()), Optional.empty()));
        node.containers()
                .add(
                        new Container(
                                id,
                                new ContainerName("c_" + pod),
                                pod,
                                "hash",
                                ContainerConfig.getDefaultInstance(),
                                "image",
                                "image",
                                "SIGTERM",
                                "",
                                MADE,
                                Optional.empty(),
                                false,
                                state),
                        intents(
                                id.value(),
                                pod,
                                new Planned(ResourceKind.SNAPSHOT, id),
                                new Planned(ResourceKind.LOG_WRITER, paths.control(id))));
        return id;
    }

    SandboxPaths paths() {
        return paths;
    }

    SandboxState state(SandboxId id) {
        return node.sandboxes().find(id).orElseThrow().state();
    }

    ContainerState state(ContainerId id) {
        return node.containers().find(id).orElseThrow().state();
    }

    /** What the end of a daemon does first of all that matters to its pods. */
    void leaveShims() {
        try {
            shims.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole end of a daemon; its pods live on. */
    @Override
    public void close() throws IOException {
        leaveShims();
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
