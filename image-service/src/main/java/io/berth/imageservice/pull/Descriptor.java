package io.berth.imageservice.pull;

import io.berth.storage.content.Digest;
import java.util.Map;

/**
 * Points to bytes by their digest, and says how many and of what type they are.
 *
 * <p>Source: OCI image-spec, descriptor.md.
 *
 * @param platform {@code os/architecture[/variant]}, or empty when none is said
 */
record Descriptor(
        String mediaType,
        Digest digest,
        long sizeBytes,
        String platform,
        Map<String, String> annotations) {

    Descriptor {
        annotations = Map.copyOf(annotations);
    }

    Descriptor(String mediaType, Digest digest, long sizeBytes) {
        this(mediaType, digest, sizeBytes, "", Map.of());
    }
}
