package io.berth.sandbox.exit;

import java.time.Instant;
import java.util.OptionalInt;

/**
 * The end of a process.
 *
 * @param code its exit code, or 128 and its signal; empty if its shim lost it and the kernel does
 *     not know it either
 * @param told whether the shim told it, so that the shim can be told to forget the process
 */
public record ProcessEnd(Instant at, OptionalInt code, boolean told) {
    /** The words for an end that the shim lost and the kernel cannot tell. */
    public static final String LOST = "its process has ended, but its shim lost how";
}
