/**
 * The daemon's own service on the CRI's socket: what the berth command needs beyond the CRI.
 *
 * <p>{@link io.berth.daemon.cri.admin.AdminEndpoint} loads and pulls with progress and audits;
 * {@link io.berth.daemon.cri.admin.Auditor} is what the wiring gives it for that. Invariant: one
 * stream hears at most ten progress messages a second, and buffers a bounded number of an archive's
 * bytes. Imported by the daemon's wiring.
 */
@NullMarked
package io.berth.daemon.cri.admin;

import org.jspecify.annotations.NullMarked;
