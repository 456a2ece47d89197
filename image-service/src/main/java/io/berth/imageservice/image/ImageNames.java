package io.berth.imageservice.image;

import java.util.List;

/**
 * Names for an image, added to those that it has.
 *
 * @param tags {@code registry/repository:tag}; each is taken away from the image that had it
 * @param digests {@code registry/repository@digest}
 * @param pinned keeps it from the kubelet's collection
 */
public record ImageNames(List<String> tags, List<String> digests, boolean pinned) {

    /** Copies the lists. */
    public ImageNames {
        tags = List.copyOf(tags);
        digests = List.copyOf(digests);
    }
}
