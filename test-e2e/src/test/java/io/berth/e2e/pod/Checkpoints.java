package io.berth.e2e.pod;

import io.berth.cri.v1.CheckpointContainerRequest;
import io.berth.cri.v1.CheckpointPodRequest;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.cri.v1.RestorePodResponse;
import io.berth.e2e.cri.PodHost;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Pods that can be saved and gone on from: their containers count, each number is a line of their
 * output, and how far they are is in their memory alone.
 */
public record Checkpoints(PodHost node, Kubelet kubelet) {
    /** How far a container has counted when it is saved; one that goes on begins above it. */
    public static final int COUNTED = 5;

    /** Writes and removes a file first; exits with 9 when it is asked to end. */
    public static final String COUNT =
            "trap 'exit 9' TERM; echo kept > /kept; rm /etc/group; i=0;"
                    + " while :; do i=$((i+1)); echo $i; usleep 50000; done";

    private static final Duration LIMIT = Duration.ofMinutes(4);

    /** Each container numbers its own processes, as those of the kubelet do unless it is asked. */
    private static final NamespaceOption OWN_PIDS =
            NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER).build();

    /** A pod that is named once, for containers that number their own processes. */
    public PodSandboxConfig.Builder pod() throws IOException {
        var security = LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(OWN_PIDS);
        return kubelet.pod()
                .setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(security));
    }

    /** A container that runs {@link #COUNT}. */
    public ContainerConfig.Builder counting(String name) {
        return counting(name, COUNT);
    }

    /** A container that counts by a script of its own. */
    public ContainerConfig.Builder counting(String name, String script) {
        var security = LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(OWN_PIDS);
        return kubelet.shell(name, script)
                .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(security));
    }

    /** Waits until a container has counted as far as it should be saved. */
    public void awaitCounted(PodSandboxConfig pod, ContainerConfig container) throws IOException {
        kubelet.awaitLine(Kubelet.log(pod, container), Integer.toString(COUNTED));
    }

    /** Waits until a container has said so many numbers, and returns all that it has. */
    public static List<Integer> numbers(PodSandboxConfig pod, ContainerConfig container, int count)
            throws IOException {
        var log = Kubelet.log(pod, container);
        Waiting.until(
                "%d numbers in %s".formatted(count, log),
                Kubelet.SOON,
                () -> LogLine.texts(log, "stdout").size() >= count,
                () -> Kubelet.readOrSay(log));
        return LogLine.texts(log, "stdout").stream().map(Integer::parseInt).toList();
    }

    /** Saves a container to an archive. */
    public void save(String container, Path archive) {
        var request =
                CheckpointContainerRequest.newBuilder()
                        .setContainerId(container)
                        .setLocation(archive.toString())
                        .setTimeout(LIMIT.toSeconds());
        var _ = node.client().runtime().checkpointContainer(request.build());
    }

    /** Saves a pod with these containers to a folder. */
    public void savePod(String sandbox, Path folder, List<String> containers) {
        var request =
                CheckpointPodRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setOutputPath(folder.toString())
                        .addAllContainerIds(containers);
        var _ = node.client().runtime().checkpointPod(request.build());
    }

    /** Asks for a pod that goes on from a folder. */
    public RestorePodResponse restore(RestorePodRequest request) {
        return node.client()
                .runtime()
                .withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .restorePod(request);
    }
}
