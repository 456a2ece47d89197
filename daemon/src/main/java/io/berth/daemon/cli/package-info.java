/**
 * The berth command: what a person types, and what is printed.
 *
 * <p>{@link io.berth.daemon.cli.BerthCommand} holds the subcommands, one class each, and turns
 * failures into one line and an {@link io.berth.daemon.cli.ExitCode}; {@link
 * io.berth.daemon.cli.DaemonLauncher} starts the daemon. Invariant: only {@code berth daemon} works
 * in this process; everything else asks a running daemon. Imported by Main only.
 */
@NullMarked
package io.berth.daemon.cli;

import org.jspecify.annotations.NullMarked;
