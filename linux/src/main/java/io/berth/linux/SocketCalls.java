package io.berth.linux;

/**
 * TCP sockets of any network namespace: one belongs to the namespace of the thread that made it,
 * for good. All are close-on-exec and never block.
 */
public interface SocketCalls {
    /** socket(2) for TCP over IPv4, or over IPv6. */
    LinuxFd tcpSocket(boolean v6) throws LinuxException;

    /**
     * connect(2) to a port of the loopback address. Returns at once: whether it is done; else the
     * socket becomes writable when it is, and {@link #socketError} tells how it went.
     */
    boolean connectLoopback(LinuxFd socket, boolean v6, int port) throws LinuxException;

    /** getsockopt(2) SO_ERROR: the error number of what failed in the background, or 0. */
    int socketError(LinuxFd socket) throws LinuxException;

    /** shutdown(2) of the sending direction. */
    void shutdownOutput(LinuxFd socket) throws LinuxException;
}
