package io.berth.sandbox.operation;

import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.checkpoint.SavedContainer;
import io.berth.sandbox.container.Container;
import io.berth.storage.layer.HostileLayer;
import io.berth.storage.layer.LayerApplier;
import io.berth.storage.layer.LayerLimits;
import io.berth.storage.layer.WhiteoutStyle;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Gives a container what its checkpoint has of its files and of its processes. */
final class RestoredFiles {
    private final Node node;

    RestoredFiles(Node node) {
        this.node = node;
    }

    /**
     * Changes a fresh snapshot as the saved container had changed its own.
     *
     * @throws SandboxException.WrongState if the tar is damaged or refused, or is not one of
     *     changes
     */
    void rootfs(Container container, SavedContainer saved) throws IOException {
        var mount =
                node.storage()
                        .snapshotters()
                        .mounts(new SnapshotKey(container.id().value()))
                        .getLast();
        var style =
                ContainerCheckpoint.stacked(mount) ? WhiteoutStyle.OVERLAY : WhiteoutStyle.DELETE;
        if (saved.wholeRoot() && style == WhiteoutStyle.OVERLAY) {
            throw new SandboxException.WrongState(
                    ("container %s: found its whole root file system in the checkpoint, wanted what"
                                    + " it changed; it was saved where images are not stacked")
                            .formatted(saved.name()));
        }
        var target = ContainerCheckpoint.changed(mount);
        if (saved.wholeRoot()) {
            Operations.step("restore.clear", target.toString(), () -> clear(target));
        }
        Operations.stage("restore.rootfs");
        try (var tar = saved.rootfs()) {
            var _ = new LayerApplier(node.linux()).apply(tar, target, style, LayerLimits.DEFAULT);
        } catch (HostileLayer refused) {
            throw new SandboxException.WrongState(
                    "container %s: %s of its checkpoint: %s"
                            .formatted(saved.name(), SavedContainer.ROOTFS, refused.getMessage()));
        }
    }

    private boolean clear(Path folder) throws IOException {
        try (var entries = Files.newDirectoryStream(folder)) {
            for (var entry : entries) {
                node.files().deleteTree(entry);
            }
        }
        return true;
    }

    /** Copies CRIU's images, since the checkpoint may go before the container is started. */
    void images(Container container, SavedContainer saved) throws IOException {
        var images = node.paths().restoreImages(container.id());
        Operations.step(
                "restore.copy",
                images.toString(),
                () -> {
                    Steps.require("copy a checkpoint");
                    node.files().createDirectories(images, 0700);
                    saved.copyImages(images);
                    return true;
                });
    }
}
