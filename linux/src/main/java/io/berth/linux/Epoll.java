package io.berth.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An epoll(7) instance. One thread waits; any thread may add and remove. */
public final class Epoll implements AutoCloseable {
    /** Bits of sys/epoll.h. */
    public static final int EPOLLIN = 1;

    public static final int EPOLLOUT = 4;
    public static final int EPOLLERR = 8;
    public static final int EPOLLHUP = 16;
    public static final int EPOLLET = 1 << 31;

    private static final int ADD = 1;
    private static final int REMOVE = 2;

    /** struct epoll_event is packed on x86-64: u32 events, u64 data. */
    private static final int EVENT_SIZE = 12;

    private static final int MAX_READY = 256;
    private final LinuxFd fd;

    Epoll(LinuxFd fd) {
        this.fd = fd;
    }

    /** A descriptor that is ready: the token it was added with, and its {@code EPOLL} bits. */
    public record Ready(long token, int events) {}

    /** Watches {@code watched}; {@code token} comes back with its events. */
    public void add(LinuxFd watched, int events, long token) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var event = arena.allocate(EVENT_SIZE, 8);
            event.set(ValueLayout.JAVA_INT, 0, events);
            event.set(ValueLayout.JAVA_LONG_UNALIGNED, 4, token);
            Syscall.call(
                    arena,
                    "epoll_ctl",
                    watched,
                    Numbers.EPOLL_CTL,
                    fd.number(),
                    ADD,
                    watched.number(),
                    event.address());
        }
    }

    /** Watches {@code watched} no longer. */
    public void remove(LinuxFd watched) throws LinuxException {
        Syscall.call(
                "epoll_ctl", watched, Numbers.EPOLL_CTL, fd.number(), REMOVE, watched.number());
    }

    /** What is ready within {@code timeout}; empty when nothing is, or a signal came. Blocks. */
    public List<Ready> await(Duration timeout) throws LinuxException {
        try (var arena = Arena.ofConfined()) {
            var events = arena.allocate((long) EVENT_SIZE * MAX_READY, 8);
            long millis = Math.min(Integer.MAX_VALUE, Math.max(0, timeout.toMillis()));
            long count =
                    Syscall.raw(
                            arena,
                            Numbers.EPOLL_WAIT,
                            fd.number(),
                            events.address(),
                            MAX_READY,
                            millis);
            if (count < 0 && count != -Errno.EINTR) {
                throw new LinuxException("epoll_wait", (int) -count, fd);
            }
            var ready = new ArrayList<Ready>();
            for (long i = 0; i < count; i++) {
                ready.add(
                        new Ready(
                                events.get(ValueLayout.JAVA_LONG_UNALIGNED, i * EVENT_SIZE + 4),
                                events.get(ValueLayout.JAVA_INT_UNALIGNED, i * EVENT_SIZE)));
            }
            return ready;
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
