/**
 * What happens to pods and containers, told to whoever reads along.
 *
 * <p>{@link io.berth.sandbox.event.PodEvents} turns changes of the stores into {@link
 * io.berth.sandbox.event.PodEvent}s, so that exits, OOM kills and what recovery finds are told just
 * as what was asked for; {@link io.berth.sandbox.event.EventReader} is one reader's queue.
 * Invariant: an event is told after its change is durable, and no reader ever holds up a change.
 * Imports {@code sandbox} and {@code container}; imported by {@code operation} and daemon.
 */
@NullMarked
package io.berth.sandbox.event;

import org.jspecify.annotations.NullMarked;
