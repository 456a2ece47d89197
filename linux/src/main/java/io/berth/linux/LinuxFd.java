package io.berth.linux;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file descriptor that closes once.
 *
 * <p>Safe to close from any thread, but not while another thread is in a call on it: the kernel may
 * have given its number to a new file by then.
 */
public final class LinuxFd implements AutoCloseable {
    /** Stands for the current directory in the {@code *at} calls; paths beside it are absolute. */
    public static final LinuxFd AT_FDCWD = new LinuxFd(-100, "AT_FDCWD");

    private static final int CLOSED = Integer.MIN_VALUE;
    private final AtomicInteger number;
    private final Object subject;

    LinuxFd(int number, Object subject) {
        this.number = new AtomicInteger(number);
        this.subject = subject;
    }

    /**
     * The descriptor's number.
     *
     * @throws IllegalStateException when it is closed
     */
    public int number() {
        int current = number.get();
        if (current == CLOSED) {
            throw new IllegalStateException(subject + ": file descriptor is closed");
        }
        return current;
    }

    /** The path of this descriptor's file under /proc/self/fd, for calls that only take paths. */
    public String procPath() {
        return "/proc/self/fd/" + number();
    }

    /** Closes; the second time does nothing. Write errors are fsync's to report, not close's. */
    @Override
    public void close() {
        if (this == AT_FDCWD) {
            return;
        }
        int closing = number.getAndSet(CLOSED);
        if (closing != CLOSED) {
            try (var arena = Arena.ofConfined()) {
                long result = Syscall.raw(arena, Numbers.CLOSE, closing);
                if (result == -Errno.EBADF) {
                    throw new AssertionError(subject + ": descriptor " + closing + " was not open");
                }
            }
        }
    }

    @Override
    public String toString() {
        return subject.toString();
    }
}
