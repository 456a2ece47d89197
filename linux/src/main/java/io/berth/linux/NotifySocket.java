package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Sends datagrams to the service manager's socket (sd_notify(3)), which Java's channels cannot. */
public final class NotifySocket {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 02000000;

    /** sun_path of struct sockaddr_un (unix(7)). */
    private static final int PATH_BYTES = 108;

    private NotifySocket() {}

    /**
     * Sends one datagram.
     *
     * @param address a path, or a name in the abstract namespace behind an {@code @}
     * @throws LinuxException if nobody takes it, or the address is too long (ENAMETOOLONG)
     */
    public static void send(String address, String message) throws LinuxException {
        byte[] name = address.getBytes(UTF_8);
        if (name.length == 0 || name.length >= PATH_BYTES) {
            throw new LinuxException("sendto", Errno.ENAMETOOLONG, address);
        }
        if (name[0] == '@') {
            name[0] = 0;
        }
        byte[] bytes = message.getBytes(UTF_8);
        try (var arena = Arena.ofConfined();
                var socket = socket(address)) {
            var target = arena.allocate(2 + PATH_BYTES, 8);
            target.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
            target.asSlice(2, name.length).copyFrom(MemorySegment.ofArray(name));
            var data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            // A path's terminating zero counts; an abstract name has none.
            long length = 2L + name.length + (name[0] == 0 ? 0 : 1);
            Syscall.call(
                    arena,
                    "sendto",
                    address,
                    Numbers.SENDTO,
                    socket.number(),
                    data.address(),
                    bytes.length,
                    0,
                    target.address(),
                    length);
        }
    }

    private static LinuxFd socket(String address) throws LinuxException {
        long fd = Syscall.call("socket", address, Numbers.SOCKET, AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
        return new LinuxFd((int) fd, address);
    }
}
