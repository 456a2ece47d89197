package io.berth.sandbox.operation;

import io.berth.imageservice.image.Image;
import io.berth.linux.Errno;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.foreign.ForeignFileRefused;
import io.berth.linux.foreign.ForeignFiles;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.checkpoint.SavedContainer;
import io.berth.sandbox.checkpoint.SavedFiles;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.resource.Planned;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.storage.layer.HostileLayer;
import io.berth.storage.layer.LayerApplier;
import io.berth.storage.layer.LayerLimits;
import io.berth.storage.layer.LayerStreams;
import io.berth.storage.layer.WhiteoutStyle;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Checkpoints of containers that requests name in place of an image, as with containerd and CRI-O:
 * the path of an archive that CheckpointContainer wrote, or an image whose one layer is what such
 * an archive holds and whose manifest says so by an annotation.
 */
final class GivenCheckpoints {
    private static final List<String> ANNOTATIONS =
            List.of(
                    "org.criu.checkpoint.container.name",
                    "io.kubernetes.cri-o.annotations.checkpoint.name");

    /** What a path comes to that names no file. */
    private static final Set<Integer> NO_FILE =
            Set.of(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.ENAMETOOLONG);

    private final Node node;
    private final Bundles bundles;
    private final Criu criu;

    GivenCheckpoints(Node node, Bundles bundles, Criu criu) {
        this.node = node;
        this.bundles = bundles;
        this.criu = criu;
    }

    /** A checkpoint in place of an image. */
    sealed interface Given {
        /** A file of the node. */
        record Archive(Path path) implements Given {
            @Override
            public String toString() {
                return path.toString();
            }
        }

        /** An image of the node that is not to be run but gone on from. */
        record Carrier(Image image, String name) implements Given {
            @Override
            public String toString() {
                return name;
            }
        }
    }

    /** What is made of a checkpoint while it is open. */
    @FunctionalInterface
    interface Use<T> {
        T of(SavedContainer saved) throws IOException;
    }

    /**
     * The checkpoint that a request names as its image, if it is one.
     *
     * @throws SandboxException.InvalidRequest if it is a path, but of no archive, or an image where
     *     the operator does not allow restoring from images
     */
    Optional<Given> find(String image) {
        return image.startsWith("/")
                ? Optional.of(new Given.Archive(archive(image)))
                : node.images()
                        .find(image)
                        .filter(GivenCheckpoints::carries)
                        .map(found -> allowed(new Given.Carrier(found, image)));
    }

    /** Whoever can push an image could otherwise choose a process's memory and registers. */
    private Given allowed(Given.Carrier carrier) {
        if (!node.security().restoresFromImages()) {
            throw new SandboxException.InvalidRequest(
                    ("config.image.image: found a checkpoint in image %s, wanted an image to run;"
                                    + " [checkpoint] restore_from_images is off on this node")
                            .formatted(carrier));
        }
        return carrier;
    }

    private static boolean carries(Image image) {
        return ANNOTATIONS.stream().anyMatch(image.allAnnotations()::containsKey);
    }

    private static Path archive(String given) {
        try {
            var path = Path.of(given);
            if (path.normalize().equals(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw new SandboxException.InvalidRequest(
                "config.image.image: found '%s', wanted an image or the absolute path of a checkpoint's archive"
                        .formatted(given));
    }

    /** What a container has of its checkpoint, besides its restore folder, while it is made. */
    List<Planned> planned(ContainerId id, Given given) {
        var planned = new ArrayList<Planned>();
        switch (given) {
            case Given.Archive _ -> {}
            case Given.Carrier _ -> planned.add(new Planned(ResourceKind.SNAPSHOT, view(id)));
        }
        return planned;
    }

    private static SnapshotKey view(ContainerId id) {
        return new SnapshotKey(id + "-checkpoint");
    }

    /**
     * Opens a checkpoint for a container that is being made. What that takes is gone when this
     * returns; after a failure the ledger has it.
     *
     * @throws SandboxException if it is damaged or refused, or cannot go on in this pod
     */
    <T> T use(PodSandbox sandbox, Container container, Given given, Use<T> use) throws IOException {
        criu.require();
        RestorableHere.requireNoUserNamespace(sandbox.brief(), "sandbox_config");
        Operations.stage("restore.read");
        var folder =
                switch (given) {
                    case Given.Archive archive -> unpack(archive.path(), container.id());
                    case Given.Carrier carrier -> layer(sandbox, carrier, container.id());
                };
        T used;
        try (var files = SavedFiles.unpacked(node.linux(), folder, given.toString())) {
            var name = container.brief().getMetadata().getName();
            var saved = SavedContainer.alone(files, name);
            RestorableHere.requireRuntime(
                    node, sandbox.runtimeHandler(), given.toString(), saved.runtime());
            used = use.of(saved);
        }
        forget(given, container.id(), folder);
        return used;
    }

    private void forget(Given given, ContainerId id, Path folder) throws IOException {
        switch (given) {
            case Given.Archive _ ->
                    Operations.step(
                            "restore.discard",
                            folder.toString(),
                            () -> {
                                node.files().deleteTree(folder);
                                return true;
                            });
            case Given.Carrier _ -> {
                Operations.stage("snapshot.remove");
                node.storage().snapshotters().remove(view(id));
            }
        }
    }

    /** To a folder of its own beside what is kept of it. */
    private Path unpack(Path archive, ContainerId id) throws IOException {
        var folder = node.paths().restoreArchive(id);
        try (var file = open(archive)) {
            return Operations.step(
                    "restore.unpack",
                    folder.toString(),
                    () -> {
                        node.files().createDirectories(folder, 0700);
                        try (var tar =
                                LayerStreams.open(
                                        Files.newInputStream(Path.of(file.procPath())), "")) {
                            var _ =
                                    new LayerApplier(node.linux())
                                            .apply(
                                                    tar,
                                                    folder,
                                                    WhiteoutStyle.DELETE,
                                                    LayerLimits.DEFAULT);
                        }
                        return folder;
                    });
        } catch (HostileLayer refused) {
            throw new SandboxException.WrongState(
                    "checkpoint %s: %s".formatted(archive, refused.getMessage()));
        }
    }

    private LinuxFd open(Path archive) throws IOException {
        try {
            return new ForeignFiles(node.linux()).open(archive, Long.MAX_VALUE);
        } catch (ForeignFileRefused refused) {
            throw notAnArchive(archive, refused.found());
        } catch (LinuxException failure) {
            if (NO_FILE.contains(failure.errno())) {
                throw notAnArchive(archive, failure.errnoName());
            }
            throw failure;
        }
    }

    private static SandboxException.InvalidRequest notAnArchive(Path archive, String found) {
        return new SandboxException.InvalidRequest(
                "config.image.image: found %s at '%s', wanted a checkpoint's archive"
                        .formatted(found, archive));
    }

    /** Where the layer lies that such an image has, held by a view. */
    private Path layer(PodSandbox sandbox, Given.Carrier carrier, ContainerId id) {
        var image = carrier.image();
        var snapshotter = bundles.snapshotter(sandbox, image);
        Operations.stage("snapshot.view");
        var layers = SnapshotLayers.of(snapshotter.view(view(id), Optional.of(image.chainId())));
        if (layers.size() != 1) {
            throw new SandboxException.WrongState(
                    "checkpoint %s: found %d layers, wanted one with all of a checkpoint's archive"
                            .formatted(carrier, layers.size()));
        }
        return layers.getFirst();
    }

    /**
     * The image that a checkpoint's files build on.
     *
     * @throws SandboxException.NotFound if this node has it not
     */
    Image base(SavedContainer saved, Given given) {
        return node.images()
                .find(saved.image().exact())
                .filter(image -> !carries(image))
                .orElseThrow(
                        () ->
                                new SandboxException.NotFound(
                                        "image %s (%s): not on this node; pull it first: checkpoint %s builds on it"
                                                .formatted(
                                                        saved.image().name(),
                                                        saved.image().exact(),
                                                        given)));
    }
}
