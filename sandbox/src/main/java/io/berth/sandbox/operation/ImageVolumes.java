package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.Mount;
import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageException;
import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.OverlayMounts;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.folder.OwnedFolders;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.spec.AskedMounts;
import io.berth.sandbox.spec.MountSource;
import io.berth.storage.snapshot.SnapshotException;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Mounts images as volumes: a view of each, read-only, below the container's own folder. The view
 * keeps the image's layers for as long as the container is there, whatever becomes of the image.
 */
final class ImageVolumes {
    private static final int FOLDER = Flags.O_PATH | Flags.O_DIRECTORY | Flags.O_CLOEXEC;
    private static final long READ_ONLY =
            Flags.MOUNT_ATTR_RDONLY | Flags.MOUNT_ATTR_NOSUID | Flags.MOUNT_ATTR_NODEV;

    private final Node node;
    private final MappedLayers mapped;
    private final Bundles bundles;

    ImageVolumes(Node node) {
        this.node = node;
        this.mapped = new MappedLayers(node);
        this.bundles = new Bundles(node);
    }

    /** The keys of the views that a container will have. */
    static Stream<SnapshotKey> keys(Container container) {
        return IntStream.range(0, container.config().getMountsCount())
                .filter(i -> container.config().getMounts(i).hasImage())
                .mapToObj(i -> key(container, i));
    }

    private static SnapshotKey key(Container container, int mount) {
        return new SnapshotKey(container.id() + "-volume-" + mount);
    }

    /**
     * The request with the id of the image of each of its image volumes, by which a tag that moves
     * is not followed.
     *
     * @throws SandboxException.Failed with the kubelet's word for it, if an image is not there
     */
    ContainerConfig resolved(ContainerConfig asked) {
        var config = asked.toBuilder();
        for (int i = 0; i < config.getMountsCount(); i++) {
            if (config.getMounts(i).hasImage()) {
                var image = image(config.getMounts(i).getImage().getImage(), name(i));
                config.getMountsBuilder(i).getImageBuilder().setImageRef(image.id().toString());
            }
        }
        return config.build();
    }

    private static String name(int mount) {
        return "config.mounts[" + mount + "]";
    }

    /**
     * Mounts the image of one of a container's mounts, which {@link #resolved} has named.
     *
     * @throws SandboxException.Failed with the kubelet's word for it, whatever went wrong
     */
    MountSource mount(PodSandbox sandbox, Container container, int index) {
        var mount = container.config().getMounts(index);
        var name = name(index);
        var image = image(mount.getImage().getImageRef(), name);
        try {
            Operations.stage("volume.prepare");
            var view = bundles.snapshotter(sandbox, image);
            var layers =
                    SnapshotLayers.of(
                            view.view(key(container, index), Optional.of(image.chainId())));
            var target = node.paths().volume(container.id(), index);
            var path =
                    Operations.step(
                            "volume.mount",
                            target.toString(),
                            () -> {
                                new OwnedFolders(node.linux(), node.files())
                                        .make(
                                                node.paths().volumes(container.id().value()),
                                                sandbox.config());
                                node.files().createDirectories(target, 0711);
                                attach(shown(sandbox, container, index, layers), target);
                                return within(target, mount, name);
                            });
            return new MountSource(path, Optional.empty());
        } catch (IOException | SnapshotException | ImageException failure) {
            throw AskedMounts.imageVolume(
                    "%s.image %s: %s"
                            .formatted(name, mount.getImage().getImage(), failure.getMessage()));
        }
    }

    private Image image(String reference, String name) {
        return node.images()
                .find(reference)
                .orElseThrow(
                        () ->
                                AskedMounts.imageVolume(
                                        "%s.image %s: not on this node; pull it first"
                                                .formatted(name, reference)));
    }

    /** The layers as the pod's user namespace maps them, if it has one. */
    private List<Path> shown(PodSandbox sandbox, Container container, int index, List<Path> layers)
            throws IOException {
        var userns = PodUserns.pin(node, sandbox);
        return userns.isEmpty()
                ? layers
                : mapped.map(
                        userns.get(), layers, node.paths().volumeLayers(container.id(), index));
    }

    private void attach(List<Path> layers, Path target) throws IOException {
        if (layers.size() > 1) {
            new OverlayMounts(node.linux()).attach(layers, target);
            return;
        }
        try (var tree = node.linux().openTreeClone(layers.getFirst(), false)) {
            node.linux().mountSetattr(tree, READ_ONLY, 0, false);
            node.linux().moveMount(tree, target);
        }
    }

    /** The folder of the image that is asked for; links in it stay within the image. */
    private Path within(Path root, Mount mount, String name) throws IOException {
        var subPath = mount.getImageSubPath();
        if (subPath.isEmpty()) {
            return root;
        }
        if (subPath.indexOf('\0') >= 0 || leavesRoot(subPath)) {
            throw AskedMounts.imageVolume(
                    "%s.image_sub_path: found '%s', wanted a path inside the image"
                            .formatted(name, subPath));
        }
        var linux = node.linux();
        try (var folder = linux.openat(LinuxFd.AT_FDCWD, root.toString(), FOLDER, 0);
                var found = linux.openat2(folder, subPath, FOLDER, 0, Flags.RESOLVE_IN_ROOT)) {
            var self = "/proc/thread-self/fd/" + found.number();
            return Path.of(linux.readlinkat(LinuxFd.AT_FDCWD, self));
        } catch (LinuxException failure) {
            if (failure.errno() == Errno.ENOENT || failure.errno() == Errno.ENOTDIR) {
                throw AskedMounts.imageVolume(
                        "%s.image_sub_path: found '%s', which is no folder of image %s"
                                .formatted(name, subPath, mount.getImage().getImage()));
            }
            throw failure;
        }
    }

    private static boolean leavesRoot(String subPath) {
        return subPath.startsWith("/") || List.of(subPath.split("/", -1)).contains("..");
    }
}
