/**
 * What a daemon and a starting shim tell each other, as generated messages.
 *
 * <p>{@link BootstrapParams} goes in, {@link BootstrapResult} comes out, both in binary form. Shims
 * since containerd 2.3 speak it.
 *
 * <p>Invariant: an unknown field is no error. Imported by: shim-client alone.
 */
@NullMarked
package io.berth.shim.bootstrap;

import org.jspecify.annotations.NullMarked;
