package io.berth.imageservice.image;

import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.util.List;
import java.util.Map;

/**
 * An image whose blobs and snapshots are all on disk, before it has a name.
 *
 * @param id digest of its configuration
 * @param manifest digest of the manifest for this platform
 * @param blobs everything that the collector must keep for it: index, manifest, configuration,
 *     layers
 * @param chainId the committed snapshot with all of its layers
 * @param sizeBytes compressed bytes of manifest, configuration and layers
 * @param annotations of the manifest
 */
public record CompleteImage(
        Digest id,
        Digest manifest,
        List<Digest> blobs,
        SnapshotName chainId,
        ImageConfig config,
        long sizeBytes,
        Map<String, String> annotations) {

    /** Copies what can change. */
    public CompleteImage {
        blobs = List.copyOf(blobs);
        annotations = Map.copyOf(annotations);
    }
}
