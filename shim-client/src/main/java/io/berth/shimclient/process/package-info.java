/**
 * Finds and kills the shim processes of a bundle.
 *
 * <p>Main type: {@link io.berth.shimclient.process.ShimProcesses}.
 *
 * <p>Invariant: a process is killed only if it carries a key that we chose before it was started.
 *
 * <p>Imported by shim-client's own packages.
 */
@NullMarked
package io.berth.shimclient.process;

import org.jspecify.annotations.NullMarked;
