package io.berth.sandbox.runtime;

/**
 * What one runtime handler can do.
 *
 * @param recursiveReadOnly whether mounts below a mount can be made read-only with it
 * @param userNamespaces whether pods can have a user namespace and mounts can be id-mapped
 */
public record HandlerFeatures(Feature recursiveReadOnly, Feature userNamespaces) {
    /** A handler that can do none of it. */
    public static HandlerFeatures none(String reason) {
        return new HandlerFeatures(Feature.absent(reason), Feature.absent(reason));
    }

    /** A handler that can do all of it. */
    public static HandlerFeatures all() {
        return new HandlerFeatures(Feature.PRESENT, Feature.PRESENT);
    }

    HandlerFeatures and(HandlerFeatures other) {
        return new HandlerFeatures(
                recursiveReadOnly.and(other.recursiveReadOnly),
                userNamespaces.and(other.userNamespaces));
    }
}
