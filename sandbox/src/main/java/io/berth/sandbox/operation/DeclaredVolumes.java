package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.Mount;
import io.berth.imageservice.image.Image;
import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.checkpoint.SavedContainer;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.folder.OwnedFolders;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.storage.snapshot.TreeCopy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The folders that an image declares as volumes (OCI image-spec, config.md, Volumes): a container
 * has one of its own for each, filled with what the image has there, and gone with the container.
 */
final class DeclaredVolumes {
    /** More than any image of sense declares. */
    private static final int MAX = 64;

    /** What all volumes of a container are filled with, in sum. */
    private static final long MAX_BYTES = 4L << 30;

    private static final long MAX_FILES = 200_000;

    private static final int FOLDER = Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_CLOEXEC;

    private final Node node;
    private final ContainerUsers users;
    private final RestoredFiles restored;

    DeclaredVolumes(Node node, ContainerUsers users, RestoredFiles restored) {
        this.node = node;
        this.users = users;
        this.restored = restored;
    }

    /**
     * Where the image declares volumes and the request mounts nothing, each once, in order.
     *
     * @throws SandboxException.InvalidRequest if it declares one that cannot be
     */
    static List<String> of(ContainerConfig config, Image image) {
        var declared = new TreeSet<String>();
        for (var each : image.config().volumes()) {
            declared.add(normal(image, each));
        }
        Set<String> mounted =
                config.getMountsList().stream()
                        .map(Mount::getContainerPath)
                        .map(path -> Path.of("/").resolve(path).normalize().toString())
                        .collect(Collectors.toSet());
        declared.removeAll(mounted);
        if (declared.size() > MAX) {
            throw new SandboxException.InvalidRequest(
                    "image %s: declares %d volumes, wanted %d at most"
                            .formatted(image.id(), declared.size(), MAX));
        }
        return List.copyOf(declared);
    }

    private static String normal(Image image, String declared) {
        if (declared.indexOf('\0') < 0) {
            var path = Path.of("/").resolve(declared).normalize();
            if (path.getNameCount() > 0) {
                return path.toString();
            }
        }
        throw new SandboxException.InvalidRequest(
                "image %s: declares the volume '%s', wanted a folder below its root"
                        .formatted(image.id(), declared));
    }

    /**
     * Makes them, with what was saved of them if the container goes on from a checkpoint that has
     * it; returns the folder of each.
     */
    Map<String, Path> make(
            PodSandbox sandbox, Container container, Image image, Optional<SavedContainer> saved)
            throws IOException {
        var destinations = of(container.config(), image);
        var made = new LinkedHashMap<String, Path>();
        if (destinations.isEmpty()) {
            return made;
        }
        var folder = node.paths().declaredVolumes(container.id());
        for (var destination : destinations) {
            made.put(destination, folder.resolve(Integer.toString(made.size())));
        }
        Operations.step(
                "volume.fill",
                folder.toString(),
                () -> {
                    new OwnedFolders(node.linux(), node.files()).make(folder, sandbox.config());
                    if (saved.isPresent() && !saved.get().volumes().isEmpty()) {
                        restored.volumes(folder, made, saved.get());
                    } else {
                        fill(container, made, image);
                    }
                    return true;
                });
        return made;
    }

    private void fill(Container container, Map<String, Path> volumes, Image image)
            throws IOException {
        try (var root = users.root(container)) {
            var budget = new TreeCopy.Budget(MAX_BYTES, MAX_FILES);
            for (var volume : volumes.entrySet()) {
                node.files().createDirectories(volume.getValue(), 0755);
                fill(root, volume, image, budget);
            }
        }
    }

    /** A folder that the image has not got stays empty. */
    private void fill(
            LinuxFd root, Map.Entry<String, Path> volume, Image image, TreeCopy.Budget budget)
            throws IOException {
        var destination = volume.getKey();
        var linux = node.linux();
        var inside = destination.substring(1);
        try (var from = linux.openat2(root, inside, FOLDER, 0, Flags.RESOLVE_IN_ROOT);
                var to = linux.openat(LinuxFd.AT_FDCWD, volume.getValue().toString(), FOLDER, 0)) {
            if (linux.fstat(from).id().equals(linux.fstat(root).id())) {
                throw new SandboxException.InvalidRequest(
                        "image %s: declares the volume %s, which leads to its root; wanted a folder below it"
                                .formatted(image.id(), destination));
            }
            new TreeCopy(linux, to, budget).from(from);
        } catch (LinuxException failure) {
            if (failure.errno() == Errno.ENOTDIR) {
                throw new SandboxException.InvalidRequest(
                        "image %s: declares the volume %s, which is no folder in it"
                                .formatted(image.id(), destination));
            }
            if (failure.errno() == Errno.EDQUOT && failure.call().equals("copy")) {
                throw new SandboxException.InvalidRequest(
                        "image %s: declares volumes with more than %d GiB or %d files of its own, at %s; mount a volume there"
                                .formatted(image.id(), MAX_BYTES >> 30, MAX_FILES, destination));
            }
            if (failure.errno() == Errno.ENAMETOOLONG && failure.call().equals("copy")) {
                throw new SandboxException.InvalidRequest(
                        "image %s: declares the volume %s with more than %d folders one in another; mount a volume there"
                                .formatted(image.id(), destination, TreeCopy.MAX_DEPTH));
            }
            if (failure.errno() == Errno.ELOOP) {
                throw new SandboxException.InvalidRequest(
                        "image %s: declares the volume %s, which leads through links in a circle"
                                .formatted(image.id(), destination));
            }
            if (failure.errno() != Errno.ENOENT) {
                throw failure;
            }
        }
    }
}
