/**
 * The node's configuration: what an operator may set, its defaults, and every problem at once.
 *
 * <p>{@link io.berth.daemon.config.NodeConfig} holds the values; {@link
 * io.berth.daemon.config.ConfigFiles} reads a main file and its drop-ins. Invariant: a file with a
 * problem is refused whole and by name, and no value of it is used. Imported by the daemon's wiring
 * and its CLI.
 */
@NullMarked
package io.berth.daemon.config;

import org.jspecify.annotations.NullMarked;
