package io.berth.sandbox.operation;

import io.berth.shimclient.bundle.Bundle;
import io.berth.shimclient.shim.RootfsMount;
import io.berth.storage.snapshot.SnapshotKey;
import io.berth.storage.snapshot.SnapshotName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes the snapshot and the bundle of a task, and names the mounts of its root file system. */
final class Bundles {
    private final Node node;

    Bundles(Node node) {
        this.node = node;
    }

    /** A writable snapshot on an image, under the task's id. */
    void prepareSnapshot(String taskId, SnapshotName image) {
        Operations.stage("snapshot.prepare");
        var _ = node.storage().snapshotter().prepare(new SnapshotKey(taskId), Optional.of(image));
    }

    /** The bundle with its config. */
    void create(Path bundle, byte[] config) throws IOException {
        var _ =
                Operations.step(
                        "bundle.create",
                        bundle.toString(),
                        () -> Bundle.create(bundle, config, node.files()));
    }

    /** What the shim mounts as the task's root. */
    List<RootfsMount> rootfs(String taskId) throws IOException {
        return node.storage().snapshotter().mounts(new SnapshotKey(taskId)).stream()
                .map(mount -> new RootfsMount(mount.type(), mount.source(), mount.options()))
                .toList();
    }
}
