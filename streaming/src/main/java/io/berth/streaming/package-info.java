/**
 * The place of the streaming server: exec, attach and port-forward over SPDY/3.1 and WebSocket.
 *
 * <p>It holds nothing yet: the node answers Exec, Attach and PortForward with UNIMPLEMENTED, and
 * says so in its README. Imports nothing of ours; to be imported by daemon.
 */
@NullMarked
package io.berth.streaming;

import org.jspecify.annotations.NullMarked;
