/**
 * A snapshotter in a process of its own, as generated messages and gRPC stubs.
 *
 * <p>{@link SnapshotsGrpc} is the service.
 *
 * <p>Invariant: names and numbers on the wire are those of the published protocol. Imported by:
 * storage.proxy alone.
 */
@NullMarked
package io.berth.proxy.snapshots;

import org.jspecify.annotations.NullMarked;
