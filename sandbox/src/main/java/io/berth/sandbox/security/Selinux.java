package io.berth.sandbox.security;

import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.linux.Linux;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The labels of a node: what requests ask for, what bundles have, and what files get. */
final class Selinux {
    private final SelinuxLabels labels;
    private final BundleLabels bundles;
    private final Relabel relabel;

    private Selinux(SelinuxLabels labels, BundleLabels bundles, Relabel relabel) {
        this.labels = labels;
        this.bundles = bundles;
        this.relabel = relabel;
    }

    static Selinux open(Path root, SecurityHost.Settings settings, Linux linux) {
        var bundles = new BundleLabels(linux, settings.bundles());
        int categories = settings.selinuxCategories();
        return new Selinux(
                SelinuxLabels.detect(root, categories > 0, categories, bundles::levels),
                bundles,
                new Relabel(linux));
    }

    Optional<SelinuxLabels.Pair> ofPod(LinuxSandboxSecurityContext context, String id)
            throws IOException {
        return labels.ofPod(id, context.getSelinuxOptions());
    }

    Optional<SelinuxLabels.Pair> ofContainer(LinuxContainerSecurityContext context, String pod)
            throws IOException {
        var podProcess = labels.enabled() ? bundles.process(pod) : "";
        return labels.ofContainer(context.getSelinuxOptions(), podProcess, context.getPrivileged());
    }

    String mountLabel(String id) throws IOException {
        return labels.enabled() ? bundles.mount(id) : "";
    }

    void relabel(Path path, String label) throws IOException {
        relabel.tree(path, label);
    }
}
