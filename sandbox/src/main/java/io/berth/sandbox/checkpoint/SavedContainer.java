package io.berth.sandbox.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One container of a checkpoint: of a pod's in a folder of its name, or alone as what an archive
 * was unpacked to.
 *
 * <pre>
 * [NAME/]checkpoint/      what CRIU wrote
 *        config.dump      which container of which image, see {@link SavedImage}
 *        spec.dump        its OCI config
 *        rootfs-diff.tar  what it changed in its root file system, as a layer
 *        volumes.tar      a folder N for the N-th volume that its image declares, if there are any
 * </pre>
 *
 * @param folder where its files are, empty or ending with a slash
 * @param config what config.dump has
 * @param spec its OCI config
 */
public record SavedContainer(
        SavedFiles files,
        String folder,
        String name,
        SavedImage image,
        JsonNode config,
        JsonNode spec) {
    public static final String IMAGES = "checkpoint";
    public static final String CONFIG = "config.dump";
    public static final String SPEC = "spec.dump";
    public static final String STATUS = "status.dump";
    public static final String ROOTFS = "rootfs-diff.tar";
    public static final String VOLUMES = "volumes.tar";
    public static final String RUNTIME = "ociRuntime";
    public static final String DECLARED_VOLUMES = "declaredVolumes";
    public static final String WHOLE_ROOT = "rootfsWhole";

    /** Where CRI-O and podman write what was deleted; they write no whiteouts into the tar. */
    private static final String DELETED = "deleted.files";

    /** One of a pod's, in the folder of its name. */
    static SavedContainer read(SavedFiles files, String name) throws IOException {
        return read(files, name + "/", name);
    }

    /**
     * The one that is alone in its folder.
     *
     * @param name what it is to be called now
     * @throws SandboxException.WrongState naming the file that is missing or makes no sense
     */
    public static SavedContainer alone(SavedFiles files, String name) throws IOException {
        if (files.has(DELETED)) {
            throw files.refused(
                    DELETED, "such a file, as CRI-O writes it", "whiteouts in " + ROOTFS);
        }
        return read(files, "", name);
    }

    private static SavedContainer read(SavedFiles files, String folder, String name)
            throws IOException {
        var config = SavedPod.json(files, folder + CONFIG);
        return new SavedContainer(
                files,
                folder,
                name,
                SavedImage.read(files, folder + CONFIG, config),
                config,
                SavedPod.json(files, folder + SPEC));
    }

    /** Which OCI runtime made it, as runc or crun; empty where that is not written. */
    public String runtime() {
        return config.path(RUNTIME).asText("");
    }

    /** Whether the tar of its root has all of it, as where images are not stacked. */
    public boolean wholeRoot() {
        return config.path(WHOLE_ROOT).asBoolean(false);
    }

    /** Where its image declares the volumes that were saved, in the order of their folders. */
    public List<String> volumes() {
        var volumes = new ArrayList<String>();
        config.path(DECLARED_VOLUMES).forEach(each -> volumes.add(each.asText("")));
        return volumes;
    }

    /** What the volumes hold: a tar of foreign making. */
    public InputStream volumeFiles() throws IOException {
        return files.stream(folder + VOLUMES);
    }

    /** What it changed in its root file system: a tar of foreign making. */
    public InputStream rootfs() throws IOException {
        return files.stream(folder + ROOTFS);
    }

    /** Copies what CRIU wrote into a folder that is there. */
    public void copyImages(Path target) throws IOException {
        files.copy(folder + IMAGES, target);
    }

    /**
     * Returns if its image is the one given.
     *
     * @throws SandboxException.WrongState naming both
     */
    public void requireImage(String id) {
        if (!image.id().equals(id)) {
            throw new SandboxException.WrongState(
                    ("container %s: found image %s (%s) in its checkpoint, wanted %s as the request"
                                    + " names it; its files build on the former")
                            .formatted(name, image.id(), image.name(), id));
        }
    }
}
