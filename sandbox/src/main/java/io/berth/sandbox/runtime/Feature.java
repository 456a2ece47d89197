package io.berth.sandbox.runtime;

/**
 * Whether something can be done.
 *
 * @param present if it can
 * @param reason if not, why: a clause that a refusal can end with
 */
public record Feature(boolean present, String reason) {
    static final Feature PRESENT = new Feature(true, "");

    public Feature {
        if (present != reason.isEmpty()) {
            throw new IllegalArgumentException(
                    "feature: found present=%s with reason '%s', wanted a reason exactly for a no"
                            .formatted(present, reason));
        }
    }

    static Feature absent(String reason) {
        return new Feature(false, reason);
    }

    /** This one, or the first no of the two. */
    Feature and(Feature other) {
        return present ? other : this;
    }
}
