/**
 * What a daemon and a starting shim tell each other, as generated messages.
 *
 * <p>{@link BootstrapParams} goes in, {@link BootstrapResult} comes out, both as JSON.
 *
 * <p>Invariant: an unknown field in the JSON is no error. Imported by: shim-client alone.
 */
@NullMarked
package io.berth.shim.bootstrap;

import org.jspecify.annotations.NullMarked;
