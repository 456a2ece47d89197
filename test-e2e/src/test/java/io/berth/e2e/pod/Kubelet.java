package io.berth.e2e.pod;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatus;
import io.berth.cri.v1.ContainerStatusRequest;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.ExecSyncResponse;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxMetadata;
import io.berth.cri.v1.PodSandboxStatus;
import io.berth.cri.v1.PodSandboxStatusRequest;
import io.berth.cri.v1.RemoveContainerRequest;
import io.berth.cri.v1.RemovePodSandboxRequest;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.cri.v1.StartContainerRequest;
import io.berth.cri.v1.StopContainerRequest;
import io.berth.cri.v1.StopPodSandboxRequest;
import io.berth.e2e.cri.PodHost;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The calls of a pod's life against one node, with names that are used once. */
public final class Kubelet {
    /** How long a test waits for what a container does. */
    public static final Duration SOON = Duration.ofSeconds(60);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final PodHost node;

    public Kubelet(PodHost node) {
        this.node = node;
    }

    /** Runs one pod to its end: folders that the node makes once and keeps are there afterwards. */
    public void warmUp() throws IOException {
        var pod = pod().build();
        var sandbox = run(pod);
        exited(launch(sandbox, pod, shell("first", "true").build()));
        end(sandbox);
    }

    /** A pod that is named once, with its log folder, and nothing else set. */
    public PodSandboxConfig.Builder pod() throws IOException {
        int n = COUNT.incrementAndGet();
        var logs = node.logs().resolve("pod-" + n);
        Files.createDirectories(logs);
        return PodSandboxConfig.newBuilder()
                .setMetadata(
                        PodSandboxMetadata.newBuilder()
                                .setName("pod-" + n)
                                .setNamespace("e2e")
                                .setUid("uid-" + node.mark() + "-" + n)
                                .setAttempt(0))
                .setHostname("host-" + n)
                .setLogDirectory(logs.toString());
    }

    /** A pod with namespaces; one on the host's network has no name of its own. */
    public PodSandboxConfig.Builder pod(NamespaceOption namespaces) throws IOException {
        var pod = pod();
        pod.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(namespaces);
        return namespaces.getNetwork() == NamespaceMode.NODE ? pod.clearHostname() : pod;
    }

    /** A container of the test image that runs a shell script and logs to {@code name.log}. */
    public ContainerConfig.Builder shell(String name, String script) {
        return container(name, "sh", "-c", script);
    }

    /** A container of the test image with a command. */
    public ContainerConfig.Builder container(String name, String... command) {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(0))
                .setImage(ImageSpec.newBuilder().setImage(node.reference()))
                .addAllCommand(List.of(command))
                .setLogPath(name + ".log");
    }

    public String run(PodSandboxConfig pod) {
        return run(pod, "");
    }

    public String run(PodSandboxConfig pod, String handler) {
        return node.client()
                .runtime()
                .runPodSandbox(
                        RunPodSandboxRequest.newBuilder()
                                .setConfig(pod)
                                .setRuntimeHandler(handler)
                                .build())
                .getPodSandboxId();
    }

    public String create(String sandbox, PodSandboxConfig pod, ContainerConfig container) {
        return node.client()
                .runtime()
                .createContainer(
                        CreateContainerRequest.newBuilder()
                                .setPodSandboxId(sandbox)
                                .setConfig(container)
                                .setSandboxConfig(pod)
                                .build())
                .getContainerId();
    }

    public void start(String container) {
        node.client()
                .runtime()
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(container).build());
    }

    /** Creates and starts. */
    public String launch(String sandbox, PodSandboxConfig pod, ContainerConfig container) {
        var id = create(sandbox, pod, container);
        start(id);
        return id;
    }

    public void stop(String container, long graceSeconds) {
        node.client()
                .runtime()
                .stopContainer(
                        StopContainerRequest.newBuilder()
                                .setContainerId(container)
                                .setTimeout(graceSeconds)
                                .build());
    }

    public void remove(String container) {
        node.client()
                .runtime()
                .removeContainer(
                        RemoveContainerRequest.newBuilder().setContainerId(container).build());
    }

    public void stopPod(String sandbox) {
        node.client()
                .runtime()
                .stopPodSandbox(
                        StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
    }

    public void removePod(String sandbox) {
        node.client()
                .runtime()
                .removePodSandbox(
                        RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
    }

    /** Stops and removes a pod with all its containers. */
    public void end(String sandbox) {
        stopPod(sandbox);
        removePod(sandbox);
    }

    public ContainerStatus status(String container) {
        return node.client()
                .runtime()
                .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(container).build())
                .getStatus();
    }

    public PodSandboxStatus podStatus(String sandbox) {
        return node.client()
                .runtime()
                .podSandboxStatus(
                        PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build())
                .getStatus();
    }

    public ExecSyncResponse exec(String container, String... command) {
        return execFor(container, 30, command);
    }

    public ExecSyncResponse execFor(String container, long seconds, String... command) {
        return node.client()
                .runtime()
                .execSync(
                        ExecSyncRequest.newBuilder()
                                .setContainerId(container)
                                .addAllCmd(List.of(command))
                                .setTimeout(seconds)
                                .build());
    }

    /** Waits for a container's end and returns its status. */
    public ContainerStatus exited(String container) throws IOException {
        Waiting.until(
                "the end of container " + container,
                SOON,
                () -> status(container).getState() == ContainerState.CONTAINER_EXITED,
                () -> status(container).toString());
        return status(container);
    }

    /** Where a container's log lies. */
    public static Path log(PodSandboxConfig pod, ContainerConfig container) {
        return Path.of(pod.getLogDirectory(), container.getLogPath());
    }

    public static Path log(PodSandboxConfig pod, ContainerConfig.Builder container) {
        return Path.of(pod.getLogDirectory(), container.getLogPath());
    }

    /** Waits until a container's standard output has a line. */
    public void awaitLine(Path log, String line) throws IOException {
        Waiting.until(
                "line \"%s\" in %s".formatted(line, log),
                SOON,
                () -> Files.exists(log) && Files.readString(log).contains(" " + line + "\n"),
                () -> readOrSay(log));
    }

    /** A log as far as it goes, to be told with a failure. */
    static String readOrSay(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException missing) {
            return missing.toString();
        }
    }
}
