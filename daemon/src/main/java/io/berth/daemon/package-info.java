/**
 * The daemon's wiring.
 *
 * <p>{@link io.berth.daemon.Daemon} constructs everything, in the order in which it depends on each
 * other; {@link io.berth.daemon.Closer} ends it in reverse. Invariant: no other class constructs
 * what lives as long as the daemon. Imported by nobody but its own entry point.
 */
@NullMarked
package io.berth.daemon;

import org.jspecify.annotations.NullMarked;
