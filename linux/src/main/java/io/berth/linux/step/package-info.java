/**
 * Named steps: the seams at which effects outside the store can fail or be cut short.
 *
 * <p>Main types: {@link io.berth.linux.step.Steps} and {@link io.berth.linux.step.StepObserver};
 * {@link io.berth.linux.step.Beside} runs pieces of a step side by side; {@link
 * io.berth.linux.step.Stages} tells which steps of a piece of work are open. Invariant: with the
 * guard on, no port call is let through unless a step is open on its thread. Anyone who causes or
 * performs an effect may import it; it imports nothing of ours.
 */
@NullMarked
package io.berth.linux.step;

import org.jspecify.annotations.NullMarked;
