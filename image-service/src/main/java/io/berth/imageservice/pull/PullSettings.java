package io.berth.imageservice.pull;

import io.berth.storage.layer.LayerLimits;

/**
 * How many things are done at once, and how much an image may ask for.
 *
 * @param concurrentDownloads layers that come over the network at a time, over all pulls
 * @param concurrentUnpacks layers that are unpacked at a time, over all pulls and loads
 * @param attempts how often one layer is asked of one host without a byte of progress
 * @param layerLimits what one layer may ask for
 * @param maxArchiveBytes bytes of all members of an archive
 * @param maxArchiveMembers members of an archive
 */
public record PullSettings(
        int concurrentDownloads,
        int concurrentUnpacks,
        int attempts,
        LayerLimits layerLimits,
        long maxArchiveBytes,
        int maxArchiveMembers) {

    /** What a node starts with. */
    public static final PullSettings DEFAULT =
            new PullSettings(6, 4, 3, LayerLimits.DEFAULT, 256L << 30, 20_000);

    /** Checks that everything is at least one. */
    public PullSettings {
        if (concurrentDownloads < 1
                || concurrentUnpacks < 1
                || attempts < 1
                || maxArchiveBytes < 1
                || maxArchiveMembers < 1) {
            throw new IllegalArgumentException(
                    "pull settings: found downloads=%d unpacks=%d attempts=%d archive=%d/%d, wanted 1 or more"
                            .formatted(
                                    concurrentDownloads,
                                    concurrentUnpacks,
                                    attempts,
                                    maxArchiveBytes,
                                    maxArchiveMembers));
        }
    }
}
