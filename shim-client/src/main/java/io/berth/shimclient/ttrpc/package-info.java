/**
 * TTRPC, the small RPC protocol that shims and node plugins speak; there are no containers in it.
 *
 * <p>Main types: {@link io.berth.shimclient.ttrpc.TtrpcClient}, {@link
 * io.berth.shimclient.ttrpc.TtrpcServer}, {@link io.berth.shimclient.ttrpc.TtrpcMethods}, {@link
 * io.berth.shimclient.ttrpc.TtrpcException}.
 *
 * <pre>
 * frame    := u32 length | u32 stream id | u8 type | u8 flags | length bytes       (big endian)
 * type     := 1 request | 2 response | 3 stream data (refused: nobody here streams)
 * request  := message { 1 service, 2 method, 3 payload, 4 timeout_nano, 5 metadata { 1 key, 2 value } }
 * response := message { 1 status { 1 code, 2 message }, 2 payload }
 * </pre>
 *
 * <p>Invariant: no byte of a peer is trusted. A length is checked before anything is allocated, a
 * message that the memory budget has no room for is refused alone, and a peer that breaks the
 * protocol loses its connection, nothing else.
 *
 * <p>Imported by shimclient.shim and sandbox.nri only.
 */
@NullMarked
package io.berth.shimclient.ttrpc;

import org.jspecify.annotations.NullMarked;
