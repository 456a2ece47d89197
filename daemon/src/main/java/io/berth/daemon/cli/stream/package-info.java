/**
 * Commands that stay connected: a person's terminal or a program's pipes at one end, a stream
 * server's session at the other.
 *
 * <p>{@link io.berth.daemon.cli.stream.CommandStreams} is an exec or an attachment, {@link
 * io.berth.daemon.cli.stream.PortForwarder} ports, {@link io.berth.daemon.cli.stream.RawTerminal}
 * the terminal's mode. Invariant: however the process ends, save by SIGKILL, the terminal has the
 * mode back that it had. Imported by the commands.
 */
@NullMarked
package io.berth.daemon.cli.stream;

import org.jspecify.annotations.NullMarked;
