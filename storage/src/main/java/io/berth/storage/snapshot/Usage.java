package io.berth.storage.snapshot;

/**
 * What a snapshot occupies by itself, without its parents.
 *
 * @param bytes blocks allocated on disk, in bytes; a file with several links counts once
 * @param inodes files, directories and all else; several links count once
 */
public record Usage(long bytes, long inodes) {
    /** Checks that neither is negative. */
    public Usage {
        if (bytes < 0 || inodes < 0) {
            throw new IllegalArgumentException(
                    "usage: found bytes=%d inodes=%d, wanted 0 or more".formatted(bytes, inodes));
        }
    }
}
