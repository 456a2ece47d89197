package io.berth.storage.content;

import java.nio.file.Path;

/**
 * Bytes that are in the store.
 *
 * @param sizeBytes 0 or more
 * @param path its file, for reading; gone once the blob is deleted
 */
public record Blob(Digest digest, long sizeBytes, Path path) {
    /** Checks the size. */
    public Blob {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException(
                    "blob %s: found %d bytes, wanted 0 or more".formatted(digest, sizeBytes));
        }
    }
}
