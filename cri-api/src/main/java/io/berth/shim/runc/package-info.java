/**
 * What the runc shim understands in Any fields, as generated messages.
 *
 * <p>{@link Options} for Create, {@link CheckpointOptions} for Checkpoint, {@link ProcessDetails}.
 *
 * <p>Invariant: other shims may answer with an error to any of them. Imported by: shim-client and
 * sandbox.
 */
@NullMarked
package io.berth.shim.runc;

import org.jspecify.annotations.NullMarked;
