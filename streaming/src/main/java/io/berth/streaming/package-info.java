/**
 * Exec, attach and port-forward for clients, over SPDY/3.1 and WebSocket.
 *
 * <p>{@link io.berth.streaming.StreamServer} gives out one-time URLs and serves them; {@link
 * io.berth.streaming.StreamTarget} is what it is served from. Sockets and frames live on Netty's
 * event loops; each session's work is blocking code on virtual threads of its own. The protocols
 * are those of Kubernetes' client-go (tools/remotecommand, tools/portforward).
 *
 * <p>Invariant: what waits for anybody is bounded. A client that reads slowly slows its own session
 * down; one that is gone ends it, at any point. Imported by daemon alone.
 */
@NullMarked
package io.berth.streaming;

import org.jspecify.annotations.NullMarked;
