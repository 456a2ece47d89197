package io.berth.e2e.sweep;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Checkpoints;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A pod with one container that was saved while it counted, for all lives that go on from it. */
final class SweptCheckpoint {
    private static final String COUNT =
            "trap 'exit 0' TERM; i=0; while :; do i=$((i+1)); echo $i; usleep 20000; done";

    private final Kubelet kubelet;
    private final Checkpoints checkpoints;
    private final Path folder;
    private final Path archive;

    SweptCheckpoint(TestNode node, Kubelet kubelet) {
        this.kubelet = kubelet;
        this.checkpoints = new Checkpoints(node, kubelet);
        this.folder = node.folders().top().resolve("swept-checkpoint");
        this.archive = node.folders().top().resolve("swept-checkpoint.tar");
    }

    /** Saves it; the pod that was saved is gone afterwards. */
    void make() throws IOException {
        var pod = pod().build();
        var sandbox = kubelet.run(pod);
        var id = kubelet.launch(sandbox, pod, container());
        checkpoints.awaitCounted(pod, container());
        Files.createDirectory(folder);
        checkpoints.save(id, archive);
        checkpoints.savePod(sandbox, folder, List.of(id));
        kubelet.end(sandbox);
    }

    /** A pod that can go on from it. */
    PodSandboxConfig.Builder pod() throws IOException {
        return checkpoints.pod();
    }

    private ContainerConfig container() {
        return checkpoints.counting("c", COUNT).build();
    }

    /** A container that goes on from it, named in place of an image. */
    ContainerConfig.Builder given() {
        return container().toBuilder()
                .clearCommand()
                .setImage(ImageSpec.newBuilder().setImage(archive.toString()));
    }

    /** Restores it as this pod; returns its container. */
    String restore(PodSandboxConfig pod) {
        var request =
                RestorePodRequest.newBuilder()
                        .setCheckpointPath(folder.toString())
                        .setConfig(pod)
                        .addContainerConfigs(container());
        return checkpoints.restore(request.build()).getRestoredContainers(0).getContainerId();
    }

    /** Waits until the container of a pod has counted on, from where it was saved. */
    void awaitMore(PodSandboxConfig pod) throws IOException {
        int first = Checkpoints.numbers(pod, container(), 1).getFirst();
        if (first <= Checkpoints.COUNTED) {
            throw new AssertionError(
                    "restored container: found it counting from %d, wanted from where it was saved, after %d"
                            .formatted(first, Checkpoints.COUNTED));
        }
    }
}
