/**
 * The places of unix sockets in the file system: who may take one, and who may remove it.
 *
 * <p>{@link io.berth.linux.socket.SocketFile} is a socket that this process has bound; {@link
 * io.berth.linux.socket.SocketHeld} says that another process answers there. Invariant: a file that
 * is no socket, or on which a process listens, is never replaced; a socket's file is removed only
 * by the process that bound it. Imported by shim-client, sandbox and daemon.
 */
@NullMarked
package io.berth.linux.socket;

import org.jspecify.annotations.NullMarked;
