package io.berth.shimclient.shim;

import io.berth.linux.Epoll;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Pidfd;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One platform thread that waits for all shims: for their deaths by pidfd, and for their logs. It
 * never waits for anything else; what a death causes runs on a virtual thread.
 */
final class ShimWatch implements Closeable {
    private static final System.Logger LOG = System.getLogger(ShimWatch.class.getName());

    /** How late {@link #close} may be noticed; costs one wake-up each. */
    private static final Duration TURN = Duration.ofSeconds(1);

    private final Linux linux;
    private final Epoll epoll;
    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    private ShimWatch(Linux linux, Epoll epoll) {
        this.linux = linux;
        this.epoll = epoll;
        this.thread =
                Thread.ofPlatform().daemon().name("shim-watch").unstarted(this::waitForEvents);
    }

    static ShimWatch start(Linux linux) throws IOException {
        var watch = new ShimWatch(linux, linux.epollCreate());
        watch.thread.start();
        return watch;
    }

    /** A descriptor being watched, which this closes. Its methods exclude each other. */
    private sealed interface Entry {
        LinuxFd fd();

        record Death(Pidfd process, Runnable then) implements Entry {
            @Override
            public LinuxFd fd() {
                return process.fd();
            }
        }

        record Log(ShimLog log) implements Entry {
            @Override
            public LinuxFd fd() {
                return log.fifo();
            }
        }
    }

    /** Runs {@code then} once, soon after the process has ended; takes over the pidfd. */
    long watch(Pidfd process, Runnable then) throws IOException {
        return add(new Entry.Death(process, then));
    }

    /** Reads the log until {@link #forget}; takes over its descriptor. */
    long watch(ShimLog log) throws IOException {
        return add(new Entry.Log(log));
    }

    private long add(Entry entry) throws IOException {
        long token = tokens.incrementAndGet();
        entries.put(token, entry);
        try {
            epoll.add(entry.fd(), Epoll.EPOLLIN, token);
        } catch (LinuxException e) {
            entries.remove(token);
            entry.fd().close();
            throw e;
        } catch (IllegalStateException over) {
            entries.remove(token);
            entry.fd().close();
            throw new IOException("shim watch: closed", over);
        }
        return token;
    }

    /** Watches it no longer; closes its descriptor. */
    void forget(long token) {
        var entry = entries.remove(token);
        if (entry == null) {
            return;
        }
        synchronized (entry) {
            drop(entry);
        }
    }

    private void drop(Entry entry) {
        try {
            epoll.remove(entry.fd());
        } catch (LinuxException | IllegalStateException e) {
            LOG.log(System.Logger.Level.DEBUG, "shim watch: " + e.getMessage());
        }
        entry.fd().close();
    }

    private void waitForEvents() {
        var buffer = ByteBuffer.allocateDirect(4 << 10);
        while (!closed) {
            try {
                for (var ready : epoll.await(TURN)) {
                    take(ready.token(), buffer);
                }
            } catch (LinuxException e) {
                LOG.log(System.Logger.Level.ERROR, "shim watch: " + e.getMessage(), e);
            }
        }
        for (var token : List.copyOf(entries.keySet())) {
            forget(token);
        }
        epoll.close();
    }

    private void take(long token, ByteBuffer buffer) {
        var entry = entries.get(token);
        if (entry == null) {
            return;
        }
        synchronized (entry) {
            if (!entries.containsKey(token)) {
                return;
            }
            switch (entry) {
                case Entry.Death death -> {
                    forget(token);
                    Thread.ofVirtual().name("shim-lost").start(death.then());
                }
                case Entry.Log log -> {
                    try {
                        log.log().read(linux, buffer);
                    } catch (LinuxException e) {
                        LOG.log(System.Logger.Level.WARNING, "shim log: " + e.getMessage());
                        forget(token);
                    }
                }
            }
        }
    }

    /** Returns at once; descriptors are closed within a turn. */
    @Override
    public void close() {
        closed = true;
    }
}
