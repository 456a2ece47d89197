package io.berth.storage.layer;

/**
 * How much one layer may ask for; what exceeds it is a {@link HostileLayer}.
 *
 * @param maxBytes bytes of the uncompressed tar, and of the files that it makes (holes included)
 * @param maxRatio uncompressed bytes for each compressed byte
 * @param ratioFreeBytes output in bytes before the ratio is judged: a file of zeros is no crime
 * @param maxEntries members of the tar
 * @param maxPathBytes bytes of a member's whole path and of a link's target (PATH_MAX is 4096)
 * @param maxDepth components of a member's path
 * @param maxHeaderBytes bytes of the extended headers that precede one member
 * @param absoluteNames what a leading slash in a member's name means
 */
public record LayerLimits(
        long maxBytes,
        int maxRatio,
        long ratioFreeBytes,
        int maxEntries,
        int maxPathBytes,
        int maxDepth,
        int maxHeaderBytes,
        AbsoluteNames absoluteNames) {

    /** What to do about a member whose name begins with a slash. */
    public enum AbsoluteNames {
        /** The layer is refused. */
        REFUSE,
        /** The name is taken from the layer's root; nothing is written outside it. */
        FROM_LAYER_ROOT
    }

    /**
     * Output that is inflated before the ratio is judged, in bytes: small layers may be all zeros.
     */
    public static final long RATIO_FREE_BYTES = 64L << 20;

    /** Room for the largest images known, and an end for everything else. */
    public static final LayerLimits DEFAULT =
            new LayerLimits(
                    256L << 30, 200, 1L << 30, 4_000_000, 4095, 128, 1 << 20, AbsoluteNames.REFUSE);

    /** Checks that every limit is positive. */
    public LayerLimits {
        if (maxBytes < 1
                || maxRatio < 1
                || ratioFreeBytes < 1
                || maxEntries < 1
                || maxPathBytes < 1
                || maxDepth < 1
                || maxHeaderBytes < 1) {
            throw new IllegalArgumentException(
                    "layer limits: found a limit below 1 in bytes=%d ratio=%d ratioFree=%d entries=%d path=%d depth=%d header=%d"
                            .formatted(
                                    maxBytes,
                                    maxRatio,
                                    ratioFreeBytes,
                                    maxEntries,
                                    maxPathBytes,
                                    maxDepth,
                                    maxHeaderBytes));
        }
    }
}
