package io.berth.sandbox.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * One container of a checkpoint.
 *
 * <pre>
 * NAME/checkpoint/      what CRIU wrote
 *      config.dump      which container of which image
 *      spec.dump        its OCI config
 *      rootfs-diff.tar  what it changed in its root file system, as a layer
 * </pre>
 *
 * @param imageId the digest of its image's config
 * @param imageName the image as the pod named it
 * @param wholeRoot whether the tar has all of its root, as where images are not stacked
 * @param spec its OCI config
 */
public record SavedContainer(
        SavedFiles files,
        String name,
        String imageId,
        String imageName,
        boolean wholeRoot,
        JsonNode spec) {
    public static final String IMAGES = "checkpoint";
    public static final String CONFIG = "config.dump";
    public static final String SPEC = "spec.dump";
    public static final String STATUS = "status.dump";
    public static final String ROOTFS = "rootfs-diff.tar";
    public static final String IMAGE_ID = "imageId";
    public static final String IMAGE_NAME = "rootfsImageName";
    public static final String WHOLE_ROOT = "rootfsWhole";

    static SavedContainer read(SavedFiles files, String name) throws IOException {
        var file = name + "/" + CONFIG;
        var config = SavedPod.json(files, file);
        return new SavedContainer(
                files,
                name,
                SavedPod.text(files, file, config, IMAGE_ID),
                SavedPod.text(files, file, config, IMAGE_NAME),
                config.path(WHOLE_ROOT).asBoolean(false),
                SavedPod.json(files, name + "/" + SPEC));
    }

    /** What it changed in its root file system: a tar of foreign making. */
    public InputStream rootfs() throws IOException {
        return files.stream(name + "/" + ROOTFS);
    }

    /** Copies what CRIU wrote into a folder that is there. */
    public void copyImages(Path target) throws IOException {
        files.copy(name + "/" + IMAGES, target);
    }

    /**
     * Returns if its image is the one given.
     *
     * @throws SandboxException.WrongState naming both
     */
    public void requireImage(String id) {
        if (!imageId.equals(id)) {
            throw new SandboxException.WrongState(
                    ("container %s: found image %s (%s) in its checkpoint, wanted %s as the request"
                                    + " names it; its files build on the former")
                            .formatted(name, imageId, imageName, id));
        }
    }
}
