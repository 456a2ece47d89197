/**
 * What Prometheus is told.
 *
 * <p>{@link io.berth.daemon.metrics.Metrics} holds the meters; {@link
 * io.berth.daemon.metrics.MetricsServer} serves them over HTTP. Invariant: a scrape reads memory
 * and samples that were taken in the background, and waits for no pod. Imported by the wiring and
 * by .cri.
 */
@NullMarked
package io.berth.daemon.metrics;

import org.jspecify.annotations.NullMarked;
