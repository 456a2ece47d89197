/**
 * Hostile inputs, each tried on a running daemon that has to stay as it is.
 *
 * <p>Main types: {@link io.berth.e2e.cases.HostileCase}, one class a case, and {@link
 * io.berth.e2e.cases.HostileCases}, the program that {@code test-e2e/cases} starts. Invariant: a
 * case leaves nothing behind, whether the daemon passes or not. Imported by the tests of
 * io.berth.e2e and by the soak.
 */
@NullMarked
package io.berth.e2e.cases;

import org.jspecify.annotations.NullMarked;
