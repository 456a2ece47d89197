package io.berth.linux.foreign;

/**
 * The limits on one JSON document of somebody else's. All of them hold while it is read: nothing
 * that exceeds one is ever built.
 *
 * @param bytes the longest document
 * @param depth how deep objects and lists may lie in each other
 * @param members the most members of one object and elements of one list
 * @param nodes the most values in the whole document, the members of all objects and lists among
 *     them
 * @param textChars the longest text, and the longest name
 */
public record JsonLimits(int bytes, int depth, int members, int nodes, int textChars) {
    private static final int DEPTH = 64;
    private static final int CEILING = 64 << 20;

    /** The limits for answers of programs and small files: results, versions, tokens, states. */
    public static final JsonLimits ANSWER = new JsonLimits(1 << 20, DEPTH, 10_000, 20_000, 1 << 20);

    /** The limits for documents that may be long: OCI configs, profiles, device files. */
    public static final JsonLimits DOCUMENT =
            new JsonLimits(16 << 20, DEPTH, 100_000, 200_000, 4 << 20);

    /** The limits for files of berth's own, whose parts come of requests that have limits. */
    static final JsonLimits OWN = new JsonLimits(CEILING, 128, 4_000_000, 4_000_000, CEILING);

    public JsonLimits {
        if (bytes < 1 || bytes > CEILING) {
            throw new IllegalArgumentException(
                    "JSON limit: found %d bytes, wanted 1 to %d".formatted(bytes, CEILING));
        }
        if (depth < 1 || members < 1 || nodes < 1 || textChars < 1) {
            throw new IllegalArgumentException(
                    ("JSON limits: found depth %d, members %d, nodes %d, text %d; wanted each from"
                                    + " 1 up")
                            .formatted(depth, members, nodes, textChars));
        }
    }

    /** The same limits with another length of the whole document. */
    public JsonLimits withBytes(int most) {
        return new JsonLimits(most, depth, members, nodes, textChars);
    }

    /** The same limits with another depth. */
    public JsonLimits withDepth(int most) {
        return new JsonLimits(bytes, most, members, nodes, textChars);
    }

    /** The same limits with another number of values. */
    public JsonLimits withNodes(int most) {
        return new JsonLimits(bytes, depth, Math.min(members, most), most, textChars);
    }
}
