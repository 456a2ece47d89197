/**
 * The sweep: a pod's life once per step with that step failing, and once with the daemon killed
 * right before and right after it; and once per call of a foreign program with the daemon killed
 * while that program is held, which then goes on or is killed too.
 *
 * <p>{@link io.berth.e2e.sweep.StepSweep} learns the steps from the daemon's journal and runs every
 * fault, {@link io.berth.e2e.sweep.HeldSweep} makes the cuts inside steps; {@link
 * io.berth.e2e.sweep.PodLife} retries as a kubelet does. After each run the host is as it was
 * before and the audit finds nothing. Imported by nobody.
 */
@NullMarked
package io.berth.e2e.sweep;

import org.jspecify.annotations.NullMarked;
