package io.berth.daemon;

import io.berth.cni.PodNetworks;
import io.berth.daemon.config.NodeConfig;
import io.berth.daemon.config.Problem;
import io.berth.daemon.cri.CriServer;
import io.berth.daemon.cri.ImageEndpoint;
import io.berth.daemon.cri.NodeStatus;
import io.berth.daemon.cri.RpcMetrics;
import io.berth.daemon.cri.RuntimeEndpoint;
import io.berth.daemon.cri.StreamEndpoint;
import io.berth.daemon.cri.admin.AdminEndpoint;
import io.berth.daemon.home.NodeHome;
import io.berth.daemon.metrics.Metrics;
import io.berth.daemon.metrics.MetricsServer;
import io.berth.imageservice.image.BuiltinImage;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.image.Images;
import io.berth.linux.BlockingCalls;
import io.berth.linux.BootId;
import io.berth.linux.Cgroups;
import io.berth.linux.FdPoller;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.Namespaces;
import io.berth.linux.UserNamespaces;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.ForeignOutput;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.event.PodEvents;
import io.berth.sandbox.exit.ProcessDeaths;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.sandbox.folder.StandingFolders;
import io.berth.sandbox.logs.ContainerLogs;
import io.berth.sandbox.network.GivenUpNetworks;
import io.berth.sandbox.nri.World;
import io.berth.sandbox.operation.Adoptions;
import io.berth.sandbox.operation.ExitWatch;
import io.berth.sandbox.operation.Exits;
import io.berth.sandbox.operation.GetContainerEvents;
import io.berth.sandbox.operation.HostPaths;
import io.berth.sandbox.operation.Measurements;
import io.berth.sandbox.operation.Node;
import io.berth.sandbox.operation.Operations;
import io.berth.sandbox.operation.PodTask;
import io.berth.sandbox.operation.Sandboxes;
import io.berth.sandbox.recovery.Audit;
import io.berth.sandbox.recovery.ContainerRecovery;
import io.berth.sandbox.recovery.Recovery;
import io.berth.sandbox.sandbox.SandboxStore;
import io.berth.sandbox.security.SecurityHost;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.shim.PodShims;
import io.berth.sandbox.shim.RuntimeTasks;
import io.berth.sandbox.shim.Tasks;
import io.berth.sandbox.spec.HostLimits;
import io.berth.shimclient.shim.Shims;
import io.berth.shimclient.shim.TaskEvent;
import io.berth.shimclient.writer.NativeProgram;
import io.berth.streaming.StreamServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * The node. {@link #open} builds it in dependency order and reads the store; {@link #start} serves
 * from the store at once and recovers pods beside that.
 */
public final class Daemon {
    /** The name under which shims and their runtimes keep their state. */
    private static final String NAMESPACE = "k8s.io";

    /** How many calls that may hang, such as looks at host paths, one party has at a time. */
    private static final int SLOTS_PER_PARTY = 8;

    private static final int SLOTS_IN_ALL = 32;

    /** What the daemon calls its built-in image that holds a pod's namespaces. */
    private static final String PAUSE_IMAGE = "berth.local/pause:1";

    private final Node node;
    private final PodsCgroup podsCgroup;
    private final Recovery recovery;
    private final Background background;
    private final CriServer cri;

    /** What works beside the calls, and starts before the first. */
    private record Background(
            Shims shims,
            ExitWatch watch,
            FdPoller poller,
            StreamServer streams,
            PodNetworks networks,
            Images images,
            Housekeeping housekeeping,
            Plugins plugins,
            Served served,
            NodeHome home) {}

    /** What the operations stand on. */
    private record Ground(
            Node node,
            PodsCgroup podsCgroup,
            Shims shims,
            ExitWatch watch,
            ProcessEnds ends,
            ContainerLogs logs,
            FdPoller poller,
            Namespaces namespaces,
            BlockingCalls blocking,
            Plugins plugins,
            Metrics metrics,
            MemoryBudget memory,
            NodeHome home) {}

    /** What calls are answered from. */
    private record Served(
            Sandboxes sandboxes,
            StreamEndpoint streams,
            Audit audit,
            PodEvents events,
            Measurements measurements,
            Metrics metrics,
            MemoryBudget memory) {}

    private Daemon(
            Node node,
            PodsCgroup podsCgroup,
            Recovery recovery,
            Background background,
            CriServer cri) {
        this.node = node;
        this.podsCgroup = podsCgroup;
        this.recovery = recovery;
        this.background = background;
        this.cri = cri;
    }

    /**
     * Builds the node; everything built is registered with {@code closer}, which the caller closes.
     *
     * @param warnings problems of drop-ins that were left out of {@code config}
     * @throws IOException if a store, the native program or the metrics address cannot be had
     */
    public static Daemon open(
            NodeConfig config, List<Problem> warnings, Linux linux, Clock clock, Closer closer)
            throws IOException {
        var memory = MemoryBudget.ofThisHeap();
        var settings = Settings.of(config, PAUSE_IMAGE);
        SystemdBus.require(settings, Path.of("/"));
        var paths = new SandboxPaths(settings);
        var files = new HostFiles(linux);
        var processes = ForeignOutput.programs(memory);
        var cgroups = Cgroups.detect(linux);
        // First of all, since it takes the locks of root and state: a second daemon touches
        // nothing.
        var home = new NodeHome(config, linux, clock);
        var storage = home.open(Settings.snapshotters(config), closer);
        var podsCgroup = closer.add(PodsCgroup.of(cgroups, settings));
        var images = NodeImages.open(storage, config, clock, memory, closer);
        var namespaces = new Namespaces(linux);
        var cni = Settings.cni(config, paths.netnsFolder());
        var networks = closer.add(new PodNetworks(cni, namespaces, processes, files));
        var shims =
                closer.add(new Shims(Settings.shims(config, NAMESPACE), processes, linux, files));
        var runtimeTasks = new RuntimeTasks(settings, paths, processes, files);
        var podShims = new PodShims(shims, settings, paths, runtimeTasks);
        var removers = new Removers(config, storage, paths, linux, files);
        var ends = new ProcessEnds(linux, closer.add(new ProcessDeaths(linux)), clock);
        var tasks = new Tasks(podShims, ends, removers.remains(cgroups), config.timeouts().kill());
        var sandboxRecords = SandboxStore.open(storage.metadata(), memory);
        var containerRecords = ContainerStore.open(storage.metadata(), memory);
        var limits = HostLimits.read();
        var metrics = closer.add(new Metrics(Version.current()));
        var blocking = closer.add(new BlockingCalls(SLOTS_PER_PARTY, SLOTS_IN_ALL));
        var security =
                SecurityHost.open(
                        Settings.security(config, paths.bundles()), blocking, linux, processes);
        var plugins =
                new Plugins(
                        config,
                        limits,
                        security::devices,
                        new World(sandboxRecords, containerRecords, paths),
                        metrics,
                        removers.pluginPrograms(processes));
        var userNamespaces = new UserNamespaces(linux, settings.nativeProgram());
        var poller = closer.add(new FdPoller(linux));
        var logs = removers.logs(processes, poller, settings);
        var node =
                new Node(
                        settings,
                        paths,
                        sandboxRecords,
                        containerRecords,
                        removers.resources(
                                tasks, runtimeTasks, networks, cgroups, processes, clock),
                        new Operations(clock),
                        new Adoptions(),
                        new Exits(),
                        podShims,
                        networks,
                        closer.add(Settings.runtimes(settings, processes, linux, userNamespaces)),
                        userNamespaces,
                        images,
                        storage,
                        linux,
                        files,
                        limits,
                        plugins.nri(),
                        security,
                        BootId.read().value(),
                        clock);
        var ground =
                new Ground(
                        node,
                        podsCgroup,
                        shims,
                        new ExitWatch(node, tasks, cgroups, logs, ends),
                        ends,
                        logs,
                        poller,
                        namespaces,
                        blocking,
                        plugins,
                        metrics,
                        memory,
                        home);
        return over(ground, config, warnings, closer);
    }

    /** The operations, what serves them, and what works beside them. */
    private static Daemon over(
            Ground ground, NodeConfig config, List<Problem> warnings, Closer closer)
            throws IOException {
        var node = ground.node();
        var pods = new PodTask(node);
        var poller = ground.poller();
        NodeGauges.register(ground.metrics(), ground.logs());
        var sandboxes =
                new Sandboxes(
                        node,
                        pods,
                        ground.logs(),
                        ground.watch(),
                        new Sandboxes.Streaming(poller, ground.namespaces(), ground.ends()),
                        new HostPaths(ground.blocking(), node.files()));
        // One server has the whole part of the budget that is for streams, and divides it.
        var memory = ground.memory();
        var waiting =
                closer.add(memory.force(ForeignKind.STREAMS, memory.limit(ForeignKind.STREAMS)));
        var streams =
                closer.add(
                        StreamServer.open(
                                Settings.streams(config, waiting.bytes()),
                                new SandboxStreams(sandboxes),
                                node.clock()));
        NodeGauges.register(ground.metrics(), streams);
        var audit = new Audit(node);
        var housekeeping =
                closer.add(
                        new Housekeeping(
                                node.networks(), node.sandboxes(), node.storage().collector()));
        var containers =
                new ContainerRecovery(node, ground.watch(), ground.namespaces(), ground.ends());
        var recovery = new Recovery(node, pods, containers, audit);

        var events = new PodEvents(node.sandboxes(), node.containers(), node.clock());
        var endpoint = new StreamEndpoint(sandboxes, streams);
        closer.add(ground.plugins().serve(sandboxes.pluginChanges()));
        var measurements = closer.add(Measurements.of(node));
        var served =
                new Served(
                        sandboxes,
                        endpoint,
                        audit,
                        events,
                        measurements,
                        ground.metrics(),
                        ground.memory());
        var cri = cri(config, warnings, node, served, closer);
        closer.add(events); // ends before the server does, which waits for calls under way
        return new Daemon(
                node,
                ground.podsCgroup(),
                recovery,
                new Background(
                        ground.shims(),
                        ground.watch(),
                        poller,
                        streams,
                        node.networks(),
                        node.images(),
                        housekeeping,
                        ground.plugins(),
                        served,
                        ground.home()),
                cri);
    }

    private static CriServer cri(
            NodeConfig config, List<Problem> warnings, Node node, Served served, Closer closer)
            throws IOException {
        var metrics = served.metrics();
        NodeGauges.register(metrics, node, node.storage().ledger());
        NodeGauges.register(metrics, served.events());
        NodeGauges.register(metrics, served.memory());
        if (config.metricsAddress().isPresent()) {
            closer.add(
                    MetricsServer.start(config.metricsAddress().get(), metrics, served.memory()));
        }
        var status =
                new NodeStatus(
                        node.settings(),
                        node.networks()::status,
                        node.networks()::loaded,
                        () -> warnings.stream().map(Problem::toString).toList(),
                        Version.current(),
                        node.runtimes()::sampled,
                        node.clock());
        return closer.add(
                new CriServer(
                        config.socket(),
                        List.of(
                                new RuntimeEndpoint(
                                        served.sandboxes(),
                                        status,
                                        served.streams(),
                                        new GetContainerEvents(served.events(), node.images()),
                                        served.measurements()),
                                new ImageEndpoint(node.images(), node.settings()),
                                new AdminEndpoint(
                                        node.images(),
                                        new LedgerAudit(served.audit()),
                                        new GivenUpNetworks(
                                                node.sandboxes(),
                                                node.adoptions(),
                                                node.operations(),
                                                node.resources(),
                                                node.networks()))),
                        new RpcMetrics(metrics),
                        served.memory()));
    }

    /**
     * Serves: the folders and the pause image are made, the socket answers from the store, and pods
     * are recovered beside that. Returns when the socket answers.
     */
    public void start() throws IOException {
        var folders = new StandingFolders(node.paths(), node.linux(), node.files());
        folders.makeShared();
        folders.linkCriu(node.settings().nativeProgram());
        folders.close(node.sandboxes(), node.containers());
        podsCgroup.create();
        node.runtimes().start();
        background.shims().onEvent(this::taskEvent);
        background.shims().listen();
        background.poller().start();
        background.streams().start();
        background.networks().start();
        var program = NativeProgram.bytes();
        background
                .images()
                .importBuiltin(
                        new BuiltinImage(
                                ImageRef.parse(PAUSE_IMAGE), "pause", program, List.of("pause")));
        background.served().events().start();
        background.plugins().start();
        recovery.begin();
        cri.start();
        background.served().measurements().start();
        Thread.ofVirtual()
                .name("recovery")
                .start(
                        () -> {
                            if (recovery.run()) {
                                background.home().settled();
                                background.housekeeping().start();
                            }
                        });
    }

    private void taskEvent(TaskEvent event) {
        if (event instanceof TaskEvent.Oom(var id)) {
            background.watch().oom(new ContainerId(id));
        }
    }
}
