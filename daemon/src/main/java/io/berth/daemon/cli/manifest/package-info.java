/**
 * A Pod manifest, read and checked, and what it means in the CRI's words. Pure: nothing here asks
 * the daemon or changes the host.
 *
 * <p>{@link io.berth.daemon.cli.manifest.Manifest} reads a file; {@link
 * io.berth.daemon.cli.manifest.PodMapping} turns it into the CRI's messages. Invariant: a field
 * that is set is honoured, irrelevant with a reason, or refused by its path and line; none is
 * ignored. Imported by the CLI only.
 */
@NullMarked
package io.berth.daemon.cli.manifest;

import org.jspecify.annotations.NullMarked;
