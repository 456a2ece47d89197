/**
 * Gives up the network of a pod whose plugins never confirm that it is gone.
 *
 * <p>{@link io.berth.sandbox.network.GivenUpNetworks} is all of it. Invariant: nothing here happens
 * but by an operator's order, and never to a ready pod. Imported by daemon.
 */
@NullMarked
package io.berth.sandbox.network;

import org.jspecify.annotations.NullMarked;
