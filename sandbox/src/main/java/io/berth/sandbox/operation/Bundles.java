package io.berth.sandbox.operation;

import io.berth.imageservice.image.Image;
import io.berth.sandbox.folder.OwnedFolders;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.shimclient.bundle.Bundle;
import io.berth.shimclient.shim.RootfsMount;
import io.berth.storage.snapshot.MountSpec;
import io.berth.storage.snapshot.SnapshotKey;
import io.berth.storage.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the snapshot and the bundle of a task, and names the mounts of its root file system. */
final class Bundles {
    private final Node node;
    private final MappedLayers layers;

    Bundles(Node node) {
        this.node = node;
        this.layers = new MappedLayers(node);
    }

    /** A writable snapshot on an image, under the task's id. */
    void prepareSnapshot(PodSandbox sandbox, String taskId, Image image) {
        var snapshotter = snapshotter(sandbox, image);
        Operations.stage("snapshot.prepare");
        var _ = snapshotter.prepare(new SnapshotKey(taskId), Optional.of(image.chainId()));
    }

    /** The snapshotter of a pod's runtime handler, which has the image then. */
    Snapshotter snapshotter(PodSandbox sandbox, Image image) {
        var name =
                node.settings()
                        .handler(sandbox.runtimeHandler())
                        .flatMap(handler -> handler.options().snapshotter());
        Operations.stage("image.unpack");
        node.images().unpack(image, name);
        return node.storage().snapshotters().named(name);
    }

    /** Shows a prepared snapshot's files as the user namespace of the task's pod maps them. */
    void mapOwners(PodSandbox sandbox, String taskId) throws IOException {
        layers.prepare(sandbox, taskId);
    }

    /** The bundle with its config. */
    void create(PodSandbox sandbox, Path bundle, byte[] config) throws IOException {
        var _ =
                Operations.step(
                        "bundle.create",
                        bundle.toString(),
                        () -> {
                            new OwnedFolders(node.linux(), node.files())
                                    .make(bundle, sandbox.config());
                            return Bundle.create(bundle, config, node.files());
                        });
    }

    /** What the shim mounts as the task's root, whose files all have the task's label. */
    List<RootfsMount> rootfs(PodSandbox sandbox, String taskId) throws IOException {
        var label = node.security().mountLabel(taskId);
        var plain = node.storage().snapshotters().mounts(new SnapshotKey(taskId));
        return layers.rootfs(sandbox, taskId, plain).stream()
                .map(mount -> new RootfsMount(mount.type(), mount.source(), options(mount, label)))
                .toList();
    }

    private static List<String> options(MountSpec mount, String label) {
        var options = new ArrayList<>(mount.options());
        if (!label.isEmpty() && mount.type().equals("overlay")) {
            options.add("context=\"" + label + "\"");
        }
        return options;
    }
}
