package io.berth.sandbox.operation;

import io.berth.linux.Epoll;
import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes what commands write into their FIFOs, all on one platform thread, which sleeps while there
 * is none. A command is never blocked by us: beyond its limit output is read and dropped.
 */
public final class FifoReader implements Closeable {
    private static final Logger LOG = System.getLogger(FifoReader.class.getName());
    private static final int READ_BYTES = 64 << 10;
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final Linux linux;
    private final Epoll epoll;
    private final Map<Long, Capture> captures = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();
    private final Semaphore work = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;

    public FifoReader(Linux linux) throws LinuxException {
        this.linux = linux;
        this.epoll = linux.epollCreate();
        this.thread = Thread.ofPlatform().daemon().name("fifo-reader").unstarted(this::loop);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /** One FIFO's output. */
    final class Capture implements Closeable {
        private final long token = tokens.incrementAndGet();
        private final LinuxFd fd;
        private final int limit;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private boolean dropped;

        Capture(LinuxFd fd, int limit) {
            this.fd = fd;
            this.limit = limit;
        }

        /** Completes when every writer has closed the FIFO. */
        CompletableFuture<Void> ended() {
            return ended;
        }

        /** What has been written until now, up to the limit. */
        synchronized byte[] bytes() {
            return bytes.toByteArray();
        }

        private synchronized void take(ByteBuffer chunk) {
            int room = limit - bytes.size();
            int taken = Math.min(room, chunk.remaining());
            bytes.write(chunk.array(), chunk.arrayOffset() + chunk.position(), taken);
            dropped |= taken < chunk.remaining();
        }

        /** Whether more was written than the limit. */
        synchronized boolean dropped() {
            return dropped;
        }

        /** Not while it is being read: its number could be another file's by then. */
        @Override
        public synchronized void close() {
            if (captures.remove(token) != null) {
                ended.complete(null);
            }
            fd.close(); // which also takes it out of the epoll set
        }
    }

    /** Opens a FIFO for reading, without waiting for a writer, and takes what comes. */
    Capture open(Path fifo, int limit) throws IOException {
        var fd =
                linux.openat(
                        LinuxFd.AT_FDCWD,
                        fifo.toString(),
                        Flags.O_RDONLY | Flags.O_NONBLOCK | Flags.O_CLOEXEC,
                        0);
        var capture = new Capture(fd, limit);
        captures.put(capture.token, capture);
        try {
            epoll.add(fd, Epoll.EPOLLIN, capture.token);
        } catch (LinuxException e) {
            capture.close();
            throw e;
        }
        work.release();
        return capture;
    }

    private void loop() {
        var buffer = ByteBuffer.allocate(READ_BYTES);
        try {
            while (!closed) {
                if (captures.isEmpty()) {
                    work.acquire();
                }
                work.drainPermits();
                for (var ready : epoll.await(LOOK_AGAIN)) {
                    var capture = captures.get(ready.token());
                    if (capture != null) {
                        read(capture, buffer);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (LinuxException e) {
            LOG.log(Logger.Level.ERROR, "output of commands is no longer read", e);
        }
    }

    private void read(Capture capture, ByteBuffer buffer) {
        try {
            buffer.clear();
            int count;
            synchronized (capture) {
                count = linux.read(capture.fd, buffer);
            }
            if (count == 0) {
                epoll.remove(capture.fd);
                captures.remove(capture.token);
                capture.ended.complete(null);
                return;
            }
            capture.take(buffer.flip());
        } catch (LinuxException e) {
            if (e.errno() != Errno.EAGAIN) {
                captures.remove(capture.token);
                capture.ended.completeExceptionally(e);
            }
        } catch (IllegalStateException closedMeanwhile) {
            captures.remove(capture.token);
            capture.ended.complete(null);
        }
    }

    @Override
    public void close() {
        closed = true;
        work.release();
        try {
            if (thread.isAlive()) {
                thread.join(LOOK_AGAIN.multipliedBy(2));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        captures.values().forEach(Capture::close);
        epoll.close();
    }
}
