package io.berth.linux;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A FIFO or a socket whose calls block the calling virtual thread and nothing else. Closing it from
 * another thread ends calls under way; one thread may read while another writes.
 */
public final class PolledFd implements AutoCloseable {
    private final Linux linux;
    private final LinuxFd fd;
    private final FdPoller poller;
    private final long token;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean readable;
    private boolean writable;
    private boolean closed;
    private @Nullable Duration quiet;

    PolledFd(Linux linux, LinuxFd fd, FdPoller poller, long token) {
        this.linux = linux;
        this.fd = fd;
        this.poller = poller;
        this.token = token;
    }

    long token() {
        return token;
    }

    /** The poller's word that something has changed since it was tried last. */
    void ready(int events) {
        int ended = Epoll.EPOLLHUP | Epoll.EPOLLERR;
        lock.lock();
        try {
            readable |= (events & (Epoll.EPOLLIN | ended)) != 0;
            writable |= (events & (Epoll.EPOLLOUT | ended)) != 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads at least one byte into what room {@code buffer} has; -1 at the end, which for a FIFO is
     * when its last writer has closed it and not before it had one.
     *
     * @throws IOException if it was closed, or the thread interrupted
     */
    public int read(ByteBuffer buffer) throws IOException {
        lock.lock();
        try {
            while (true) {
                if (!awaitReadable()) {
                    return -1;
                }
                readable = false;
                try {
                    int length = linux.read(fd, buffer);
                    readable = true;
                    return length == 0 ? -1 : length;
                } catch (LinuxException nothing) {
                    if (nothing.errno() != Errno.EAGAIN) {
                        throw nothing;
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there is something to read; for a pidfd that is the end of its process.
     *
     * @throws IOException if it was closed, or the thread interrupted
     */
    public void awaitInput() throws IOException {
        lock.lock();
        try {
            while (!readable || closed) {
                requireOpen();
                await(Long.MAX_VALUE);
            }
        } finally {
            lock.unlock();
        }
    }

    /** False when it has been quiet for longer than it may be. */
    private boolean awaitReadable() throws IOException {
        long waited = 0;
        while (!readable || closed) {
            requireOpen();
            long began = System.nanoTime();
            var limit = quiet;
            if (limit == null) {
                await(Long.MAX_VALUE);
            } else {
                if (waited >= limit.toNanos()) {
                    return false;
                }
                await(limit.toNanos() - waited);
                waited += System.nanoTime() - began;
            }
        }
        return true;
    }

    /** From now on a read that finds nothing for this long has reached the end. */
    public void endAfterQuiet(Duration duration) {
        lock.lock();
        try {
            quiet = duration;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How much has been written to a FIFO and not been read from it yet. */
    public int unread() throws IOException {
        lock.lock();
        try {
            requireOpen();
            return linux.unread(fd);
        } finally {
            lock.unlock();
        }
    }

    /** Writes all that {@code buffer} has. */
    public void write(ByteBuffer buffer) throws IOException {
        lock.lock();
        try {
            while (buffer.hasRemaining()) {
                while (!writable || closed) {
                    requireOpen();
                    await(Long.MAX_VALUE);
                }
                writable = false;
                try {
                    var _ = linux.write(fd, buffer);
                    writable = true;
                } catch (LinuxException full) {
                    if (full.errno() != Errno.EAGAIN) {
                        throw full;
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a socket's connection to stand.
     *
     * @throws LinuxException ETIMEDOUT after {@code timeout}; else why it does not
     */
    public void awaitConnected(Duration timeout) throws IOException {
        lock.lock();
        try {
            long until = System.nanoTime() + timeout.toNanos();
            while (!writable || closed) {
                requireOpen();
                long left = until - System.nanoTime();
                if (left <= 0) {
                    throw new LinuxException("connect", Errno.ETIMEDOUT, fd);
                }
                await(left);
            }
            int error = linux.socketError(fd);
            if (error != 0) {
                throw new LinuxException("connect", error, fd);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends a socket's sending direction. */
    public void shutdownOutput() throws IOException {
        lock.lock();
        try {
            requireOpen();
            linux.shutdownOutput(fd);
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException(fd + ": closed");
        }
    }

    @SuppressWarnings("WaitNotInLoop") // each caller has the loop
    private void await(long nanos) throws IOException {
        try {
            var _ = changed.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException(fd + ": interrupted").initCause(stop);
        }
    }

    /** Closes; which also takes it out of the poller's set. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                poller.forget(this);
                fd.close();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
