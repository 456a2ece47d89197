package io.berth.sandbox.rig;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxMetadata;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.linux.FakeLinux;
import io.berth.linux.LinuxFaults;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.event.PodEvents;
import io.berth.sandbox.operation.Node;
import io.berth.sandbox.operation.Sandboxes;
import io.berth.sandbox.recovery.Audit;
import io.berth.sandbox.recovery.Recovery;
import io.berth.sandbox.resource.Finding;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.shimclient.shim.ScriptedPodShim;
import io.berth.shimclient.shim.ScriptedShims;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A node of its own in a folder, which needs no root. Its stores, plugins' processes, shims'
 * sockets and log writers are real; its kernel is a {@link FakeLinux}, its shims are {@link
 * ScriptedShims}, and its clock stands still.
 *
 * <pre>
 * try (var rig = NodeRig.open(folder)) {
 *     var pod = rig.runPod("web");
 *     var app = rig.createContainer(pod, "app");
 *     rig.shim(pod).script().failNext("Start", "no such program");
 *     assertThatThrownBy(() -&gt; rig.sandboxes().startContainer(app.value()))…
 *     rig.restart();
 * }
 * </pre>
 *
 * <p>Containers are processes of this host: {@code sh}, {@code cat}, {@code echo}, {@code sleep},
 * {@code true} and {@code false} run as they are called; any other command waits for a signal.
 */
public final class NodeRig implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> IDLE = List.of("cat");
    private static final List<String> PROGRAMS =
            List.of("sh", "cat", "echo", "sleep", "true", "false");

    /** What {@link #containerConfig} names as its image. */
    public static final String IMAGE = "rig.local/app:1";

    /** A socket in the folder has a name of 64 digits, and all may have 107 bytes. */
    private static final int LONGEST_FOLDER = 107 - "/io//control".length() - 64;

    private final Path folder;
    private final RigClock clock = new RigClock();
    private final LinuxFaults linux;
    private final FakeLinux kernel;
    private final ScriptedShims shims;
    private final RigPlugins plugins;
    private RigNode node;

    private NodeRig(Path folder) throws IOException {
        if (folder.toString().length() > LONGEST_FOLDER) {
            throw new IllegalArgumentException(
                    "rig: found folder %s, wanted at most %d characters: use ShortFolder"
                            .formatted(folder, LONGEST_FOLDER));
        }
        this.folder = folder;
        this.kernel = new FakeLinux(folder.resolve("kernel"));
        this.linux = new LinuxFaults(kernel);
        this.shims =
                new ScriptedShims(
                        folder.resolve("shims"),
                        NodeRig::program,
                        Optional.of(kernel.cgroupRoot()));
        this.plugins = new RigPlugins(folder);
        this.node = new RigNode(folder, linux.port(), kernel.cgroups(), shims.program(), clock);
    }

    private static List<String> program(List<String> arguments) {
        if (arguments.isEmpty()) {
            return IDLE;
        }
        var name = Path.of(arguments.getFirst()).getFileName();
        return name != null && PROGRAMS.contains(name.toString()) ? arguments : IDLE;
    }

    /** A node without pods, which serves. */
    public static NodeRig open(Path folder) throws IOException {
        var rig = new NodeRig(folder);
        rig.node.start();
        rig.recover();
        return rig;
    }

    // the node

    /** The operations, one method an RPC. */
    public Sandboxes sandboxes() {
        return node.sandboxes();
    }

    /** All that the operations work with. */
    public Node node() {
        return node.node();
    }

    /** What happens to pods and containers. */
    public PodEvents events() {
        return node.events();
    }

    /** What a restart does. */
    public Recovery recovery() {
        return node.recovery();
    }

    /** Where the node and everything of it lies. */
    public Path folder() {
        return folder;
    }

    // what the node stands on

    /** The clock, which stands until it is moved. */
    public RigClock clock() {
        return clock;
    }

    /** The faults of the kernel's calls. */
    public LinuxFaults linux() {
        return linux;
    }

    /** The kernel beneath the faults: its mounts, its cgroups. */
    public FakeLinux kernel() {
        return kernel;
    }

    /** All shims, with the faults of all. */
    public ScriptedShims shims() {
        return shims;
    }

    /** The shim of a pod. */
    public ScriptedPodShim shim(SandboxId pod) {
        return shims.of(pod.value());
    }

    /** The CNI plugin of the pods' network. */
    public RigPlugins plugins() {
        return plugins;
    }

    // restarts

    /** Does what the end of a daemon does first of all that matters to its pods. */
    public void leaveShims() {
        node.leaveShims();
    }

    /** Ends the daemon; pods live on. */
    public void stop() throws IOException {
        node.close();
    }

    /** The next daemon on the same folder, which has not begun to recover pods; calls wait. */
    public void startUnrecovered() throws IOException {
        node = new RigNode(folder, linux.port(), kernel.cgroups(), shims.program(), clock);
        node.start();
        node.recovery().begin();
    }

    /** Recovers the pods; returns whether all are through. */
    public boolean recover() {
        return node.recovery().run();
    }

    /** Ends the daemon, starts the next one and recovers the pods. */
    public void restart() throws IOException {
        stop();
        startUnrecovered();
        recover();
    }

    // pods and containers

    /** A pod's configuration, with a network of its own and a cgroup of the kubelet's. */
    public PodSandboxConfig.Builder podConfig(String name) {
        var config =
                PodSandboxConfig.newBuilder()
                        .setMetadata(
                                PodSandboxMetadata.newBuilder()
                                        .setName(name)
                                        .setNamespace("rig")
                                        .setUid("uid-" + name))
                        .setHostname(name)
                        .setLogDirectory(folder.resolve("logs").resolve(name).toString());
        config.getLinuxBuilder().setCgroupParent("/kubepods/pod" + name);
        return config;
    }

    /** Runs a pod. */
    public SandboxId runPod(String name) {
        return runPod(podConfig(name));
    }

    /** Runs a pod. */
    public SandboxId runPod(PodSandboxConfig.Builder config) {
        return sandboxes()
                .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build());
    }

    /** A container's configuration: a process that waits for a signal, with a log. */
    public ContainerConfig.Builder containerConfig(String name) {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                .setImage(ImageSpec.newBuilder().setImage(IMAGE))
                .addCommand("/bin/app")
                .setLogPath(name + ".log");
    }

    /** Creates a container. */
    public ContainerId createContainer(SandboxId pod, String name) {
        return createContainer(pod, containerConfig(name));
    }

    /** Creates a container. */
    public ContainerId createContainer(SandboxId pod, ContainerConfig.Builder config) {
        return sandboxes()
                .createContainer(
                        CreateContainerRequest.newBuilder()
                                .setPodSandboxId(pod.value())
                                .setConfig(config)
                                .setSandboxConfig(
                                        node().sandboxes().find(pod).orElseThrow().config())
                                .build());
    }

    /** Creates a container and starts it. */
    public ContainerId runContainer(SandboxId pod, String name) {
        return runContainer(pod, containerConfig(name));
    }

    /** Creates a container and starts it. */
    public ContainerId runContainer(SandboxId pod, ContainerConfig.Builder config) {
        var id = createContainer(pod, config);
        sandboxes().startContainer(id.value());
        return id;
    }

    /** A container that runs a shell script. */
    public ContainerConfig.Builder script(String name, String script) {
        return containerConfig(name).clearCommand().addAllCommand(List.of("sh", "-c", script));
    }

    /** What the log of a pod's container says, each line with its time and stream. */
    public List<String> log(String pod, String container) throws IOException {
        return Files.readAllLines(folder.resolve("logs").resolve(pod).resolve(container + ".log"));
    }

    /** The state on record. */
    public SandboxState state(SandboxId id) {
        return node().sandboxes().find(id).orElseThrow().state();
    }

    /** The state on record. */
    public ContainerState state(ContainerId id) {
        return node().containers().find(id).orElseThrow().state();
    }

    /** Waits until a container's end stands on record. */
    public void awaitExit(ContainerId id) {
        await("the end of " + id, () -> state(id) instanceof ContainerState.Exited);
    }

    /** Waits until something holds that nobody tells. */
    public static void await(String what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(what + ": not within " + PATIENCE.toSeconds() + " s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Runs a call beside the test. */
    public static <T> CompletableFuture<T> async(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, Thread::startVirtualThread);
    }

    /** Runs a call beside the test. */
    public static CompletableFuture<Void> async(Runnable call) {
        return CompletableFuture.runAsync(call, Thread::startVirtualThread);
    }

    /** Where ledger and host disagree. */
    public List<Finding> findings() throws IOException {
        return new Audit(node()).findings();
    }

    /** Ends the daemon and all pods. */
    @Override
    public void close() throws IOException {
        linux.heal();
        node.close();
        shims.close();
        ProcessHandle.allProcesses()
                .filter(it -> it.info().commandLine().orElse("").contains(folder + "/io/"))
                .forEach(ProcessHandle::destroyForcibly);
    }
}
