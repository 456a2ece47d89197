/**
 * Figures of one CRI runtime, or of two in turn on the same machine.
 *
 * <p>{@link io.berth.e2e.bench.Bench} is the program; {@link io.berth.e2e.bench.Contender} is a
 * runtime that is measured, {@link io.berth.e2e.bench.Part} what can be measured, {@link
 * io.berth.e2e.bench.Course} how one part follows another, {@link io.berth.e2e.bench.Results} what
 * was found, printed by {@link io.berth.e2e.bench.Table} and {@link io.berth.e2e.bench.Json}.
 * Invariant: contenders take turns within a round, and no figure is printed without its number of
 * samples. Nothing here passes or fails by a time. Imported by the tests of the node.
 */
@NullMarked
package io.berth.e2e.bench;

import org.jspecify.annotations.NullMarked;
