/**
 * What keeps content and snapshots from being collected, and the collector.
 *
 * <p>Main types: {@link Leases} (holds of work under way; records in family {@code leases}), {@link
 * Roots} (what images and containers need), {@link Collector} (mark and sweep over both stores).
 *
 * <p>Invariant: what a lease names, and what was committed while it was open, is not deleted before
 * the lease is released and a collection that began after that has found no root for it.
 *
 * <p>Imported by {@code storage}, {@code image-service}, {@code sandbox} and {@code daemon}.
 */
@NullMarked
package io.berth.storage.lease;

import org.jspecify.annotations.NullMarked;
