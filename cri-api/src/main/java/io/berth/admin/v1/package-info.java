/**
 * What the berth command asks of its daemon beyond the CRI, as generated messages and gRPC stubs.
 *
 * <p>{@link AdminGrpc} is the service; everything else is a message.
 *
 * <p>Invariant: nobody else speaks it, so that both ends change together. Imported by: daemon
 * alone.
 */
@NullMarked
package io.berth.admin.v1;

import org.jspecify.annotations.NullMarked;
