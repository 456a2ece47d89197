/**
 * {@code berth run}: one pod from a manifest to its end, as a small kubelet would.
 *
 * <p>{@link io.berth.daemon.cli.run.PodRun} is the whole course; {@link
 * io.berth.daemon.cli.run.RunFolder} is what a run keeps on disk and {@link
 * io.berth.daemon.cli.run.Marks} what it writes on its sandbox. Invariant: what a run has made is
 * removed when it ends, and after it was killed by the next run of the same manifest. Imported by
 * the CLI only.
 */
@NullMarked
package io.berth.daemon.cli.run;

import org.jspecify.annotations.NullMarked;
