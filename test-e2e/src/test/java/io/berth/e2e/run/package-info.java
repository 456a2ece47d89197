/**
 * Runs the end-to-end tests without Maven, and other programs for them.
 *
 * <p>{@link io.berth.e2e.run.RunTests} prints one line a test and their sums; {@link
 * io.berth.e2e.run.Command} runs a program to its end. May be imported by every package of the
 * end-to-end tests.
 */
@NullMarked
package io.berth.e2e.run;

import org.jspecify.annotations.NullMarked;
