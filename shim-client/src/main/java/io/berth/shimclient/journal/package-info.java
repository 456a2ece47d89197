/**
 * Events that shims published while the daemon was down, kept in their bundles.
 *
 * <p>Main type: {@link io.berth.shimclient.journal.EventJournal}. Layout of {@code
 * BUNDLE/events.journal}, written by the native publisher:
 *
 * <pre>
 *   "berthev1"                                                                  8 bytes, once
 *   length (4, big endian) | CRC-32 of the payload (4, big endian) | payload    any number of times
 * </pre>
 *
 * <p>Invariant: an event is removed only after its taker has returned, under the lock that writers
 * take too. Imported by shim-client.shim, sandbox.recovery and daemon.
 */
@NullMarked
package io.berth.shimclient.journal;

import org.jspecify.annotations.NullMarked;
