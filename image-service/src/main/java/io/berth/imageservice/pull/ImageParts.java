package io.berth.imageservice.pull;

import io.berth.imageservice.image.CompleteImage;
import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that an image consists of, known once its manifest and configuration have been read.
 *
 * @param above digests of the indexes that led to the manifest
 * @param manifest points to the manifest itself
 */
record ImageParts(
        List<Digest> above, Descriptor manifest, Manifest.Single content, ConfigDocument config) {

    List<LayerJob> layers() {
        return LayerJob.of(content, config);
    }

    /** All blobs: indexes, manifest, configuration and layers. */
    List<Digest> blobs() {
        List<Digest> blobs = new ArrayList<>(above);
        blobs.add(manifest.digest());
        blobs.add(content.config().digest());
        content.layers().forEach(layer -> blobs.add(layer.digest()));
        return blobs.stream().distinct().toList();
    }

    List<SnapshotName> snapshots() {
        return config.chainIds();
    }

    CompleteImage complete() {
        long layerBytes = content.layers().stream().mapToLong(Descriptor::sizeBytes).sum();
        return new CompleteImage(
                content.config().digest(),
                manifest.digest(),
                blobs(),
                snapshots().getLast(),
                config.config(),
                manifest.sizeBytes() + content.config().sizeBytes() + layerBytes,
                content.annotations());
    }
}
