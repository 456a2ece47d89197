package io.berth.daemon.cli.run;

import io.berth.cri.v1.PodSandbox;
import io.berth.cri.v1.PodSandboxState;
import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.manifest.Manifest;
import io.berth.daemon.cri.client.NodeClient;
import java.io.IOException;
import java.nio.file.Path;

/** Pods of the same name: those that nobody looks after any more make room for a new run. */
final class Leftovers {
    private final NodeClient node;
    private final Console console;

    Leftovers(NodeClient node, Console console) {
        this.node = node;
        this.console = console;
    }

    /**
     * Stops and removes what earlier runs have left of a pod, and returns the attempt of the next.
     * Pods of that name that {@code berth run} did not make stay.
     *
     * @throws RunException if another run of it is still looked after
     */
    int clear(Manifest manifest, Path file, boolean replace) throws IOException {
        int attempt = 0;
        for (var pod : node.pods()) {
            var metadata = pod.getMetadata();
            if (!metadata.getName().equals(manifest.name())
                    || !metadata.getNamespace().equals(manifest.namespace())) {
                continue;
            }
            attempt = Math.max(attempt, metadata.getAttempt() + 1);
            if (Marks.ours(pod)) {
                refuseLiving(pod, file, replace);
                console.line("removing what an earlier run left: pod " + pod.getId());
                remove(pod);
            }
        }
        return attempt;
    }

    private static void refuseLiving(PodSandbox pod, Path file, boolean replace) {
        var name = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
        var keeper = Marks.keptBy(pod);
        if (keeper.isPresent()) {
            throw new RunException(
                    "pod %s: runs already, looked after by process %d; end that first"
                            .formatted(name, keeper.get()));
        }
        boolean ready = pod.getState() == PodSandboxState.SANDBOX_READY;
        if (ready && !replace && Marks.detached(pod)) {
            throw new RunException(
                    "pod %s: runs already, detached; add --replace or `berth rm -f %s`"
                            .formatted(name, pod.getMetadata().getName()));
        }
        if (ready && !replace && !Marks.isOf(pod, file)) {
            throw new RunException(
                    "pod %s: left by a run of another manifest; add --replace or `berth rm -f %s`"
                            .formatted(name, pod.getMetadata().getName()));
        }
    }

    private void remove(PodSandbox pod) throws IOException {
        node.stopPod(pod.getId());
        node.removePod(pod.getId());
        var folder = Marks.folder(pod);
        if (folder.isPresent()) {
            folder.get().remove();
        }
    }
}
