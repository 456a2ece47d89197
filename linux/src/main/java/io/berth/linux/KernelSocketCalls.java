package io.berth.linux;

import io.berth.linux.step.Steps;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/** Sockets, by the kernel. */
interface KernelSocketCalls extends SocketCalls {
    int AF_INET = 2;
    int AF_INET6 = 10;
    int SOCK_STREAM = 1;
    int SOL_SOCKET = 1;
    int SO_ERROR = 4;
    int SHUT_WR = 1;

    /** Sizes of struct sockaddr_in and sockaddr_in6 (netinet/in.h). */
    int SOCKADDR_IN = 16;

    int SOCKADDR_IN6 = 28;

    @Override
    default LinuxFd tcpSocket(boolean v6) throws LinuxException {
        var subject = v6 ? "tcp6 socket" : "tcp4 socket";
        int type = SOCK_STREAM | Flags.O_CLOEXEC | Flags.O_NONBLOCK;
        long fd = Syscall.call("socket", subject, Numbers.SOCKET, v6 ? AF_INET6 : AF_INET, type, 0);
        return new LinuxFd((int) fd, subject);
    }

    @Override
    default boolean connectLoopback(LinuxFd socket, boolean v6, int port) throws LinuxException {
        Steps.require("connect");
        var subject = v6 ? "[::1]:" + port : "127.0.0.1:" + port;
        try (var arena = Arena.ofConfined()) {
            var address = arena.allocate(SOCKADDR_IN6, 8);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) (v6 ? AF_INET6 : AF_INET));
            address.set(ValueLayout.JAVA_BYTE, 2, (byte) (port >> 8));
            address.set(ValueLayout.JAVA_BYTE, 3, (byte) port);
            if (v6) {
                address.set(ValueLayout.JAVA_BYTE, 23, (byte) 1); // the last of ::1
            } else {
                address.set(ValueLayout.JAVA_BYTE, 4, (byte) 127);
                address.set(ValueLayout.JAVA_BYTE, 7, (byte) 1);
            }
            long result =
                    Syscall.raw(
                            arena,
                            Numbers.CONNECT,
                            socket.number(),
                            address.address(),
                            v6 ? SOCKADDR_IN6 : SOCKADDR_IN);
            // An interrupted connect goes on in the background, as one in progress does.
            if (result < 0 && result != -Errno.EINPROGRESS && result != -Errno.EINTR) {
                throw new LinuxException("connect", (int) -result, subject);
            }
            return result == 0;
        }
    }

    @Override
    default int socketError(LinuxFd socket) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var value = arena.allocate(ValueLayout.JAVA_INT);
            var length = arena.allocateFrom(ValueLayout.JAVA_INT, Integer.BYTES);
            Syscall.call(
                    arena,
                    "getsockopt",
                    socket,
                    Numbers.GETSOCKOPT,
                    socket.number(),
                    SOL_SOCKET,
                    SO_ERROR,
                    value.address(),
                    length.address());
            return value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    @Override
    default void shutdownOutput(LinuxFd socket) throws LinuxException {
        Syscall.call("shutdown", socket, Numbers.SHUTDOWN, socket.number(), SHUT_WR);
    }
}
