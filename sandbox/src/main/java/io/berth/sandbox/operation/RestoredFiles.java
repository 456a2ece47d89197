package io.berth.sandbox.operation;

import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.checkpoint.SavedContainer;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.criu.SavedRights;
import io.berth.storage.layer.HostileLayer;
import io.berth.storage.layer.LayerApplier;
import io.berth.storage.layer.LayerLimits;
import io.berth.storage.layer.WhiteoutStyle;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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
            apply(tar, target, style, saved.name() + ": " + SavedContainer.ROOTFS);
        }
    }

    /**
     * Fills the folders of a container's declared volumes as the saved one had them.
     *
     * @param volumes the folder of each in {@code folder}, by where it is mounted
     * @throws SandboxException.WrongState if other volumes were saved, or the tar is refused
     */
    void volumes(Path folder, Map<String, Path> volumes, SavedContainer saved) throws IOException {
        var wanted = List.copyOf(volumes.keySet());
        if (!saved.volumes().equals(wanted)) {
            throw new SandboxException.WrongState(
                    "container %s: found the volumes %s in its checkpoint, wanted %s as its image declares them"
                            .formatted(saved.name(), saved.volumes(), wanted));
        }
        try (var tar = saved.volumeFiles()) {
            apply(tar, folder, WhiteoutStyle.DELETE, saved.name() + ": " + SavedContainer.VOLUMES);
        }
        for (var volume : volumes.values()) {
            if (!Files.isDirectory(volume, LinkOption.NOFOLLOW_LINKS)) {
                throw new SandboxException.WrongState(
                        "container %s: %s of its checkpoint: found no folder %s, wanted one for each of %s"
                                .formatted(
                                        saved.name(),
                                        SavedContainer.VOLUMES,
                                        volume.getFileName(),
                                        wanted));
            }
        }
    }

    private void apply(InputStream tar, Path target, WhiteoutStyle style, String what)
            throws IOException {
        try {
            var _ = new LayerApplier(node.linux()).apply(tar, target, style, LayerLimits.DEFAULT);
        } catch (HostileLayer refused) {
            throw new SandboxException.WrongState(
                    "container %s of its checkpoint: %s".formatted(what, refused.getMessage()));
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

    /**
     * Copies CRIU's images, since the checkpoint may go before the container is started, and checks
     * the copy.
     *
     * @param spec the OCI config of the request
     * @throws SandboxException.WrongState if the processes in them have rights that the request
     *     does not give
     */
    void images(Container container, SavedContainer saved, byte[] spec) throws IOException {
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
        Operations.stage("restore.rights");
        SavedRights.require(saved.name(), images, spec);
    }
}
