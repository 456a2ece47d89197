package io.berth.daemon.cli.run;

import io.berth.cri.v1.AuthConfig;
import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.console.ProgressView;
import io.berth.daemon.cli.manifest.Manifest;
import io.berth.daemon.cri.client.NodeClient;
import io.fabric8.kubernetes.api.model.Container;
import java.util.HashSet;
import java.util.stream.Stream;

/** Sees to it that a pod's images are here, as each container's imagePullPolicy says. */
final class PodImages {
    private final NodeClient node;
    private final Console console;

    PodImages(NodeClient node, Console console) {
        this.node = node;
        this.console = console;
    }

    void bring(Manifest manifest) {
        var spec = manifest.pod().getSpec();
        var seen = new HashSet<String>();
        Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream())
                .filter(container -> seen.add(container.getImage() + " " + policy(container)))
                .forEach(this::bring);
    }

    private void bring(Container container) {
        var reference = container.getImage();
        var policy = policy(container);
        if (!policy.equals("Always")) {
            var here = node.image(reference);
            if (here.isPresent()) {
                console.line("image %s: here, %s".formatted(reference, here.get().getId()));
                return;
            }
            if (policy.equals("Never")) {
                throw new RunException(
                        "image %s: not here, and imagePullPolicy is Never; see `berth image load`"
                                .formatted(reference));
            }
        }
        console.line("image %s: pulling".formatted(reference));
        String id;
        try (var progress = new ProgressView(console, "pulling " + reference)) {
            id = node.pull(reference, AuthConfig.getDefaultInstance(), progress);
        }
        console.line("image %s: pulled, %s".formatted(reference, id));
    }

    /** As the API server sets it where a manifest does not. */
    static String policy(Container container) {
        if (container.getImagePullPolicy() != null) {
            return container.getImagePullPolicy();
        }
        var last = container.getImage().substring(container.getImage().lastIndexOf('/') + 1);
        boolean pinned = last.contains("@") || (last.contains(":") && !last.endsWith(":latest"));
        return pinned ? "IfNotPresent" : "Always";
    }
}
