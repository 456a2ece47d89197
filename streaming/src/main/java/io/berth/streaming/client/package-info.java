/**
 * The other end of the stream server: a client of its URLs over SPDY/3.1.
 *
 * <p>{@link io.berth.streaming.client.StreamConnection} is one connection, {@link
 * io.berth.streaming.client.ClientStream} one of its streams. Invariant: what waits to be read is
 * bounded; then nothing more is taken from the server. Imported by the command.
 */
@NullMarked
package io.berth.streaming.client;

import org.jspecify.annotations.NullMarked;
