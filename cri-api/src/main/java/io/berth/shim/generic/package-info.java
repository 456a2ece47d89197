/**
 * What shims that are not runc's understand in Any fields, as a generated message.
 *
 * <p>{@link Options} for their start and for Create.
 *
 * <p>Invariant: what is in the configuration is the shim's business. Imported by: shim-client.
 */
@NullMarked
package io.berth.shim.generic;

import org.jspecify.annotations.NullMarked;
