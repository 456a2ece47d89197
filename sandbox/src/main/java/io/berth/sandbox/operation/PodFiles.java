package io.berth.sandbox.operation;

import io.berth.cri.v1.NamespaceMode;
import io.berth.imageservice.image.Image;
import io.berth.sandbox.folder.OwnedFolders;
import io.berth.sandbox.folder.PodShm;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.spec.PodHost;
import io.berth.sandbox.spec.PodSpec;
import io.berth.sandbox.spec.ResolvConf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes what a pod's containers share as files, its /dev/shm, and the bundle of its shim. */
final class PodFiles {
    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final Path HOST_HOSTS = Path.of("/etc/hosts");

    private final Node node;
    private final Bundles bundles;
    private final HandlerSpec handlerSpec;
    private final OwnedFolders folders;

    PodFiles(Node node, Bundles bundles) {
        this.node = node;
        this.bundles = bundles;
        this.handlerSpec = new HandlerSpec(node);
        this.folders = new OwnedFolders(node.linux(), node.files());
    }

    void make(PodSandbox sandbox) throws IOException {
        var id = sandbox.id();
        Operations.stage("security");
        var security = node.security().ofPod(sandbox.config(), id.value());
        Operations.step(
                "directory.create", node.paths().sandbox(id).toString(), () -> files(sandbox));
        if (!onHostIpc(sandbox)) {
            Operations.step(
                    "mount.create",
                    node.paths().shm(id).toString(),
                    () -> {
                        new PodShm(node.paths(), node.linux()).make(sandbox, folders);
                        return true;
                    });
        }
        var shared = new ArrayList<>(List.of(node.paths().sandbox(id)));
        if (!onHostIpc(sandbox)) {
            shared.add(node.paths().shmMount(id));
        }
        node.security().relabel("sandbox " + id, shared, security.mountLabel());
        bundles.prepareSnapshot(sandbox, id.value(), pauseImage());
        bundles.mapOwners(sandbox, id.value());
        var netns =
                sandbox.onHostNetwork()
                        ? Optional.<Path>empty()
                        : Optional.of(node.networks().netnsPath(id.value()));
        var host =
                new PodHost(
                        netns,
                        PodUserns.pin(node, sandbox),
                        CgroupPlan.inSpec(node, sandbox, id.value()),
                        node.runtimes().sampled(sandbox.runtimeHandler()),
                        node.limits());
        bundles.create(
                sandbox,
                node.paths().bundle(id),
                handlerSpec.ofPod(sandbox, PodSpec.json(sandbox, host, security)));
    }

    private Image pauseImage() {
        return node.images().builtin(node.settings().pauseImage());
    }

    /** A pod does not run on after a boot, and neither do its files matter then. */
    private boolean files(PodSandbox sandbox) throws IOException {
        var id = sandbox.id();
        var files = node.files();
        folders.make(node.paths().sandbox(id), sandbox.config());
        files.writeForThisBoot(node.paths().resolvConf(id), resolvConf(sandbox), 0644);
        var hostname = (hostname(sandbox) + "\n").getBytes(StandardCharsets.UTF_8);
        files.writeForThisBoot(node.paths().hostname(id), hostname, 0644);
        files.writeForThisBoot(node.paths().hosts(id), ifThere(HOST_HOSTS), 0644);
        return true;
    }

    private static byte[] resolvConf(PodSandbox sandbox) throws IOException {
        var asked = ResolvConf.of(sandbox.config().getDnsConfig());
        return asked.isPresent()
                ? asked.get().getBytes(StandardCharsets.UTF_8)
                : ifThere(HOST_RESOLV_CONF);
    }

    private static byte[] ifThere(Path hostFile) throws IOException {
        return Files.exists(hostFile) ? Files.readAllBytes(hostFile) : new byte[0];
    }

    static String hostname(PodSandbox sandbox) throws IOException {
        var given = sandbox.brief().getHostname();
        if (!given.isEmpty()) {
            return given;
        }
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }

    static boolean onHostIpc(PodSandbox sandbox) {
        var options = sandbox.brief().getLinux().getSecurityContext().getNamespaceOptions();
        return options.getIpc() == NamespaceMode.NODE;
    }
}
