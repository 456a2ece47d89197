package io.berth.sandbox.resource;

/**
 * One disagreement between the ledger and the host.
 *
 * @param verdict whether the thing is there without an owner, or only its entry is
 * @param owner the sandbox or container that it belonged to, or {@link #UNKNOWN}
 */
public record Finding(Verdict verdict, ResourceKind kind, String key, String owner) {
    /** The owner of a thing that no entry names. */
    public static final String UNKNOWN = "unknown";

    /** The two ways to disagree. */
    public enum Verdict {
        /** It stands on the host, and no living owner claims it. */
        LEAK,
        /** Its entry stands in the ledger, and neither owner nor thing exists. */
        GHOST
    }
}
