/**
 * The node's two folders, opened by the daemon or looked after while none runs.
 *
 * <p>{@link io.berth.daemon.home.NodeHome} opens them; {@link io.berth.daemon.home.HomeCare} is
 * what {@code berth store} and {@code berth state} do. Invariant: both folders are locked while
 * anything in them is changed, the root first. Imported by daemon and its command line.
 */
@NullMarked
package io.berth.daemon.home;

import org.jspecify.annotations.NullMarked;
