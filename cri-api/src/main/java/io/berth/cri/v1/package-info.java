/**
 * The CRI, runtime.v1: what a kubelet says to a node runtime, as generated messages and gRPC stubs.
 *
 * <p>{@link RuntimeServiceGrpc} and {@link ImageServiceGrpc} are the services; everything else is a
 * message.
 *
 * <p>Invariant: names and numbers on the wire are those of the published protocol. Imported by:
 * sandbox (messages only), daemon and test-e2e.
 */
@NullMarked
package io.berth.cri.v1;

import org.jspecify.annotations.NullMarked;
