package io.berth.imageservice.image;

import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.time.Instant;
import java.util.Collection;
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
 * @param user as its configuration has it, at most {@link #MAX_USER} characters of it
 * @param details what is read from the store when it is needed
 * @param annotations of its manifest; none if there are more than {@link #MAX_ANNOTATIONS} bytes of
 *     them, which {@link #allAnnotations} reads
 */
public record Image(
        Digest id,
        List<String> repoTags,
        List<String> repoDigests,
        long sizeBytes,
        String user,
        ImageDetails details,
        SnapshotName chainId,
        Digest manifest,
        boolean pinned,
        Instant pulledAt,
        Map<String, String> annotations) {
    private static final long OWN_BYTES = 1024;

    /** In characters; a longer name is no user of any image. */
    static final int MAX_USER = 1024;

    /** In characters, of all annotations that are in memory and in lists. */
    static final int MAX_ANNOTATIONS = 16 << 10;

    /** Copies what can change. */
    public Image {
        repoTags = List.copyOf(repoTags);
        repoDigests = List.copyOf(repoDigests);
        annotations = Map.copyOf(annotations);
    }

    /**
     * What it says about the process to run in it. Reads the store.
     *
     * @throws ImageException.NotFound if it was removed meanwhile
     */
    public ImageConfig config() {
        return details.read().config();
    }

    /** All annotations of its manifest. Reads the store if there are many. */
    public Map<String, String> allAnnotations() {
        return annotations.isEmpty() ? details.read().annotations() : annotations;
    }

    /** How many bytes of memory it takes. */
    long weight() {
        return OWN_BYTES
                + characters(repoTags)
                + characters(repoDigests)
                + characters(annotations.keySet())
                + characters(annotations.values())
                + user.length();
    }

    private static long characters(Collection<String> texts) {
        long sum = 0;
        for (var text : texts) {
            sum += 56 + text.length();
        }
        return sum;
    }

    /** The same, kept from the kubelet's collection. */
    Image asPinned() {
        return new Image(
                id,
                repoTags,
                repoDigests,
                sizeBytes,
                user,
                details,
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
