/**
 * What pods and containers use, in the CRI's messages.
 *
 * <p>{@link io.berth.sandbox.stats.ContainerFigures} and {@link io.berth.sandbox.stats.PodFigures}
 * read cgroups and interfaces when they are asked; {@link io.berth.sandbox.stats.StatsSampler}
 * keeps in the background what takes time: rates ({@link io.berth.sandbox.stats.CpuRates}) and
 * writable layers ({@link io.berth.sandbox.stats.LayerUsages}). Invariant: what is not known is
 * absent, never zero, and what goes away meanwhile fails nothing. Imports {@code sandbox} and
 * {@code container}; imported by {@code operation} and daemon.
 */
@NullMarked
package io.berth.sandbox.stats;

import org.jspecify.annotations.NullMarked;
