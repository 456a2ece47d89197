/**
 * The other end of the socket: what the berth command asks a running daemon.
 *
 * <p>{@link io.berth.daemon.cri.client.NodeClient} has one method a request; {@link
 * io.berth.daemon.cri.client.NodeException} is how any of them fails. Invariant: no gRPC type
 * leaves this package. Imported by the CLI only.
 */
@NullMarked
package io.berth.daemon.cri.client;

import org.jspecify.annotations.NullMarked;
