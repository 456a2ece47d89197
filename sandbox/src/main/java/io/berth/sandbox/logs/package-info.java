/**
 * Containers' logs: where they lie and how their writers are launched, reopened and drained.
 *
 * <p>{@link io.berth.sandbox.logs.ContainerLogs} is the façade, {@link
 * io.berth.sandbox.logs.LogKeeper} has killed writers replaced. Invariant: the daemon never stands
 * between a container and its log; a writer outlives it, and is found again by its control socket's
 * path; no container that runs stays without one. Imported by .operation and .recovery.
 */
@NullMarked
package io.berth.sandbox.logs;

import org.jspecify.annotations.NullMarked;
