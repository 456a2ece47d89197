/**
 * Container logs as the node keeps them on disk, read while they grow.
 *
 * <p>{@link io.berth.daemon.cli.logs.LogReader} reads one container's file into {@link
 * io.berth.daemon.cli.logs.LogLine}s, across rotation. Invariant: no line is longer in memory than
 * the reader's limit, and what is no log line is shown as it is. Imported by the CLI only.
 *
 * <pre>
 * 2026-11-21T10:00:00.000000000Z stdout F a whole line
 * 2026-11-21T10:00:00.000000000Z stderr P a piece of a line whose next piece follows
 * </pre>
 */
@NullMarked
package io.berth.daemon.cli.logs;

import org.jspecify.annotations.NullMarked;
