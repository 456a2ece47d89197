/**
 * What the command shows: lines, tables, JSON and progress.
 *
 * <p>{@link io.berth.daemon.cli.console.Console} is the only class that writes to standard output
 * and error; {@link io.berth.daemon.cli.console.Table} and {@link
 * io.berth.daemon.cli.console.ProgressView} lay out. Invariant: lines of several threads never mix,
 * and what is no terminal gets no control characters. Imported by the CLI only.
 */
@NullMarked
package io.berth.daemon.cli.console;

import org.jspecify.annotations.NullMarked;
