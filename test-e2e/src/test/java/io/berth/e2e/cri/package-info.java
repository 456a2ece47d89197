/**
 * The connection of a CRI client.
 *
 * <p>{@link io.berth.e2e.cri.CriClient} holds a connection and its blocking stubs, with the
 * kubelet's limits on messages and time. May be imported by every package of the end-to-end tests.
 */
@NullMarked
package io.berth.e2e.cri;

import org.jspecify.annotations.NullMarked;
