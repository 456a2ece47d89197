package io.berth.imageservice.image;

import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An image that is complete on this node.
 *
 * @param id digest of its configuration: the CRI's image id, image ref and container image id
 * @param repoTags {@code registry/repository:tag}, sorted; empty when pulled by digest only
 * @param repoDigests {@code registry/repository@digest}, sorted
 * @param sizeBytes compressed bytes of its manifest, configuration and layers
 * @param chainId name of the committed snapshot that holds all of its layers
 * @param manifest digest of the manifest for this platform
 * @param pinned never removed by the kubelet's collection
 * @param annotations of its manifest
 */
public record Image(
        Digest id,
        List<String> repoTags,
        List<String> repoDigests,
        long sizeBytes,
        ImageConfig config,
        SnapshotName chainId,
        Digest manifest,
        boolean pinned,
        Instant pulledAt,
        Map<String, String> annotations) {

    /** Copies what can change. */
    public Image {
        repoTags = List.copyOf(repoTags);
        repoDigests = List.copyOf(repoDigests);
        annotations = Map.copyOf(annotations);
    }

    /** The same, kept from the kubelet's collection. */
    Image asPinned() {
        return new Image(
                id,
                repoTags,
                repoDigests,
                sizeBytes,
                config,
                chainId,
                manifest,
                true,
                pulledAt,
                annotations);
    }

    /** Whether one of its names is in a repository, {@code registry/repository}. */
    boolean isOf(String repository) {
        return repoTags.stream().anyMatch(tag -> tag.startsWith(repository + ":"))
                || repoDigests.stream().anyMatch(digest -> digest.startsWith(repository + "@"));
    }
}
