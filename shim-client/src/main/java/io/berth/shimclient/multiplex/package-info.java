/**
 * Several byte channels over one socket, as plugins of the Node Resource Interface have them.
 *
 * <p>Main type: {@link io.berth.shimclient.multiplex.Multiplexer}. There are no calls and no
 * containers in it.
 *
 * <pre>
 * frame := u32 channel id | u32 length | length bytes        (big endian; at most 4 MiB + 10)
 * </pre>
 *
 * <p>A channel is not opened on the wire: both sides know its number. Peers written in Go take a
 * frame with one read into a buffer of 4096 bytes, unless they wait for more: whoever writes more
 * than that cuts it after the first 4096.
 *
 * <p>Invariant: what a peer sends is bounded before it is kept, and one that breaks the protocol,
 * or sends more than is read, loses its socket.
 *
 * <p>Imported by sandbox.nri only.
 */
@NullMarked
package io.berth.shimclient.multiplex;

import org.jspecify.annotations.NullMarked;
