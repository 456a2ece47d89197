package io.berth.e2e.sweep;

import io.berth.cri.v1.CheckpointContainerRequest;
import io.berth.cri.v1.CheckpointPodRequest;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.LinuxContainerConfig;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A pod with one container that was saved while it counted, for all lives that go on from it. */
final class SweptCheckpoint {
    private static final int COUNTED = 5;
    private static final int MINUTES = 4;
    private static final String COUNT =
            "trap 'exit 0' TERM; i=0; while :; do i=$((i+1)); echo $i; usleep 20000; done";
    private static final NamespaceOption OWN_PIDS =
            NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER).build();

    private final TestNode node;
    private final Kubelet kubelet;
    private final Path folder;
    private final Path archive;

    SweptCheckpoint(TestNode node, Kubelet kubelet) {
        this.node = node;
        this.kubelet = kubelet;
        this.folder = node.folders().top().resolve("swept-checkpoint");
        this.archive = node.folders().top().resolve("swept-checkpoint.tar");
    }

    /** Saves it; the pod that was saved is gone afterwards. */
    void make() throws IOException {
        var pod = pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, container());
        kubelet.awaitLine(log(pod), Integer.toString(COUNTED));
        Files.createDirectory(folder);
        var _ =
                node.client()
                        .runtime()
                        .checkpointContainer(
                                CheckpointContainerRequest.newBuilder()
                                        .setContainerId(id)
                                        .setLocation(archive.toString())
                                        .setTimeout(MINUTES * 60)
                                        .build());
        var _ =
                node.client()
                        .runtime()
                        .checkpointPod(
                                CheckpointPodRequest.newBuilder()
                                        .setPodSandboxId(sandbox)
                                        .setOutputPath(folder.toString())
                                        .addContainerIds(id)
                                        .build());
        kubelet.end(sandbox);
    }

    /** A pod that can go on from it. */
    PodSandboxConfig.Builder pod() throws IOException {
        var security = LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(OWN_PIDS);
        return kubelet.pod()
                .setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(security));
    }

    private ContainerConfig container() {
        var security = LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(OWN_PIDS);
        return kubelet.shell("c", COUNT)
                .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(security))
                .build();
    }

    /** A container that goes on from it, named in place of an image. */
    ContainerConfig.Builder given() {
        return container().toBuilder()
                .clearCommand()
                .setImage(ImageSpec.newBuilder().setImage(archive.toString()));
    }

    /** Restores it as this pod; returns its container. */
    String restore(PodSandboxConfig pod) {
        return node.client()
                .runtime()
                .withDeadlineAfter(MINUTES, TimeUnit.MINUTES)
                .restorePod(
                        RestorePodRequest.newBuilder()
                                .setCheckpointPath(folder.toString())
                                .setConfig(pod)
                                .addContainerConfigs(container())
                                .build())
                .getRestoredContainers(0)
                .getContainerId();
    }

    /** Waits until the container of a pod has counted on, from where it was saved. */
    void awaitMore(PodSandboxConfig pod) throws IOException {
        var log = log(pod);
        Waiting.until(
                "a line in " + log,
                Kubelet.SOON,
                () -> Files.exists(log) && Files.readString(log).contains("\n"));
        var line = Files.readAllLines(log).getFirst();
        var first = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
        if (first <= COUNTED) {
            throw new AssertionError(
                    "restored container: found it counting from %d, wanted from where it was saved, after %d"
                            .formatted(first, COUNTED));
        }
    }

    private Path log(PodSandboxConfig pod) {
        return Kubelet.log(pod, container());
    }
}
