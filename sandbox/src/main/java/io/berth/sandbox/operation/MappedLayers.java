package io.berth.sandbox.operation;

import io.berth.linux.Flags;
import io.berth.linux.LinuxFd;
import io.berth.sandbox.folder.OwnedFolders;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.spec.IdMaps;
import io.berth.sandbox.spec.UserNamespaces;
import io.berth.storage.snapshot.MountSpec;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An image's layers as a pod with a user namespace sees them: each mounted once more, with owners
 * as the namespace maps them, below a folder that the ledger knows. The layers themselves stay as
 * they are and are shared with every other pod.
 */
final class MappedLayers {
    /** An overlay of the layers has its own flags: in containers, setuid programs are such. */
    private static final long HARMLESS = Flags.MOUNT_ATTR_NOSUID | Flags.MOUNT_ATTR_NODEV;

    private final Node node;

    MappedLayers(Node node) {
        this.node = node;
    }

    /**
     * Maps the layers of a task's writable snapshot, and gives its own files to the namespace's
     * root. Does nothing for a pod without a user namespace.
     */
    void prepare(PodSandbox sandbox, String taskId) throws IOException {
        var maps = UserNamespaces.of(sandbox.brief());
        if (maps.isEmpty()) {
            return;
        }
        var mount = node.storage().snapshotters().mounts(new SnapshotKey(taskId)).getFirst();
        var folder = node.paths().layers(taskId);
        Operations.step(
                "layers.map",
                folder.toString(),
                () -> {
                    new OwnedFolders(node.linux(), node.files())
                            .make(node.paths().volumes(taskId), sandbox.config());
                    map(node.paths().userns(sandbox.id()), sources(mount), folder);
                    own(mount, maps.get());
                    return true;
                });
    }

    /** Mounts each layer in {@code folder} by its number, with owners mapped; returns where. */
    List<Path> map(Path userns, List<Path> layers, Path folder) throws IOException {
        var mapped = new ArrayList<Path>();
        try (var namespace = PodUserns.open(node, userns)) {
            for (int i = 0; i < layers.size(); i++) {
                mapped.add(map(namespace, layers.get(i), folder.resolve(Integer.toString(i))));
            }
        }
        return mapped;
    }

    private Path map(LinuxFd userns, Path layer, Path target) throws IOException {
        node.files().createDirectories(target, 0711);
        try (var tree = node.linux().openTreeClone(layer, false)) {
            node.linux().mountIdmap(tree, userns);
            node.linux().mountSetattr(tree, HARMLESS, 0, false);
            node.linux().moveMount(tree, target);
        }
        return target;
    }

    private void own(MountSpec mount, IdMaps maps) throws IOException {
        var upper = SnapshotLayers.option(mount, "upperdir");
        if (upper.isPresent()) {
            int uid = (int) maps.uids().toHost(0);
            int gid = (int) maps.gids().toHost(0);
            node.linux().fchownat(LinuxFd.AT_FDCWD, upper.get(), uid, gid);
        }
    }

    /** What the shim mounts as the root of a task, in place of a snapshot's own mounts. */
    List<MountSpec> rootfs(PodSandbox sandbox, String taskId, List<MountSpec> plain) {
        if (!PodUserns.wanted(sandbox)) {
            return plain;
        }
        var mount = plain.getFirst();
        var folder = node.paths().layers(taskId);
        if (!mount.type().equals("overlay")) {
            return List.of(new MountSpec(mount.type(), folder.resolve("0") + "", mount.options()));
        }
        var mapped = new ArrayList<String>();
        for (int i = 0; i < sources(mount).size(); i++) {
            mapped.add(folder.resolve(Integer.toString(i)).toString());
        }
        var options =
                mount.options().stream()
                        .map(
                                option ->
                                        option.startsWith("lowerdir=")
                                                ? "lowerdir=" + String.join(":", mapped)
                                                : option)
                        .toList();
        return List.of(new MountSpec(mount.type(), mount.source(), options));
    }

    /** What is mapped: of an overlay the layers below the writable one. */
    private static List<Path> sources(MountSpec mount) {
        var layers = SnapshotLayers.of(List.of(mount));
        return SnapshotLayers.option(mount, "upperdir").isPresent()
                ? layers.subList(1, layers.size())
                : layers;
    }
}
