/**
 * A differ in a process of its own, as generated messages and gRPC stubs.
 *
 * <p>{@link DiffGrpc} is the service.
 *
 * <p>Invariant: names and numbers on the wire are those of the published protocol. Imported by:
 * storage.proxy alone.
 */
@NullMarked
package io.berth.proxy.diff;

import org.jspecify.annotations.NullMarked;
