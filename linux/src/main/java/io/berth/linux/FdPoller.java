package io.berth.linux;

import java.lang.System.Logger;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Waits for many FIFOs and sockets on one platform thread, so that code on virtual threads can read
 * and write them as if it blocked. The thread sleeps while there is none.
 */
public final class FdPoller implements AutoCloseable {
    private static final Logger LOG = System.getLogger(FdPoller.class.getName());
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private final Linux linux;
    private final Epoll epoll;
    private final Map<Long, PolledFd> watched = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();
    private final Semaphore work = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;

    public FdPoller(Linux linux) throws LinuxException {
        this.linux = linux;
        this.epoll = linux.epollCreate();
        this.thread = Thread.ofPlatform().daemon().name("fd-poller").unstarted(this::loop);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /**
     * Watches a descriptor that was opened with O_NONBLOCK, and owns it from now on: it is closed
     * with what is returned, or here if it cannot be watched.
     */
    public PolledFd watch(LinuxFd fd) throws LinuxException {
        var polled = new PolledFd(linux, fd, this, tokens.incrementAndGet());
        watched.put(polled.token(), polled);
        try {
            int events = Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLET;
            epoll.add(fd, events, polled.token());
        } catch (LinuxException refused) {
            polled.close();
            throw refused;
        }
        work.release();
        return polled;
    }

    /** How many descriptors are open. */
    public int size() {
        return watched.size();
    }

    void forget(PolledFd polled) {
        watched.remove(polled.token());
    }

    private void loop() {
        try {
            while (!closed) {
                if (watched.isEmpty()) {
                    work.acquire();
                }
                work.drainPermits();
                for (var ready : epoll.await(LOOK_AGAIN)) {
                    var polled = watched.get(ready.token());
                    if (polled != null) {
                        polled.ready(ready.events());
                    }
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } catch (LinuxException broken) {
            LOG.log(Logger.Level.ERROR, "streams of containers stand still", broken);
        } finally {
            epoll.close();
        }
    }

    /** Closes every descriptor; the thread ends within half a minute, or with the process. */
    @Override
    public void close() {
        closed = true;
        watched.values().forEach(PolledFd::close);
        work.release();
        if (thread.getState() == Thread.State.NEW) {
            epoll.close();
        }
    }
}
