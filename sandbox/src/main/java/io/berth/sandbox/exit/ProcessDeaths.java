package io.berth.sandbox.exit;

import io.berth.linux.Epoll;
import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.Pidfd;
import io.berth.linux.ProcessStat;
import java.io.Closeable;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the deaths of many processes on one platform thread, which starts with the first and
 * sleeps until one dies.
 */
public final class ProcessDeaths implements Closeable {
    private static final Logger LOG = System.getLogger(ProcessDeaths.class.getName());
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    private final Linux linux;
    private final Children children;
    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();
    private @Nullable Epoll epoll;
    private volatile boolean closed;

    private record Entry(Pidfd process, HeldProcess held) {}

    /** Tells the processes of a shim from those that got their pids later. */
    @FunctionalInterface
    public interface Children {
        /** False if the process is known to have another parent; true also if it is gone. */
        boolean mayBeOf(int pid, int shimPid);
    }

    public ProcessDeaths(Linux linux) {
        this(linux, (pid, shim) -> ProcessStat.of(pid).filter(it -> it.parent() != shim).isEmpty());
    }

    /** Of shims whose processes have parents of another kind. */
    public ProcessDeaths(Linux linux, Children children) {
        this.linux = linux;
        this.children = children;
    }

    /**
     * Holds a process that a shim has started and told the pid of.
     *
     * @param parent the shim's pid: a process with another parent got the pid later
     */
    public HeldProcess hold(int pid, int parent) {
        if (pid <= 0 || parent <= 0 || closed) {
            return HeldProcess.unknown();
        }
        try {
            return hold(linux.pidfdOpen(pid), parent);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ESRCH) {
                return HeldProcess.gone();
            }
            LOG.log(
                    Logger.Level.WARNING,
                    "process {0} is not watched beside its shim: {1}",
                    Integer.toString(pid),
                    e.getMessage());
            return HeldProcess.unknown();
        }
    }

    private HeldProcess hold(Pidfd process, int parent) throws LinuxException {
        if (!children.mayBeOf(process.pid(), parent)) {
            process.close();
            return HeldProcess.unknown();
        }
        long token = tokens.incrementAndGet();
        var held = new HeldProcess(process, () -> forget(token));
        entries.put(token, new Entry(process, held));
        try {
            epoll().add(process.fd(), Epoll.EPOLLIN, token);
            return held;
        } catch (LinuxException | IllegalStateException e) {
            forget(token);
            throw e;
        }
    }

    private synchronized Epoll epoll() throws LinuxException {
        var there = epoll;
        if (there == null) {
            var made = linux.epollCreate();
            Thread.ofPlatform().daemon().name("process-deaths").start(() -> loop(made));
            epoll = made;
            return made;
        }
        return there;
    }

    private void loop(Epoll waiting) {
        try {
            while (!closed) {
                for (var ready : waiting.await(LOOK_AGAIN)) {
                    var entry = entries.get(ready.token());
                    if (entry != null) {
                        stopWatching(waiting, entry);
                        entry.held().died();
                    }
                }
            }
        } catch (LinuxException broken) {
            LOG.log(
                    Logger.Level.ERROR,
                    "the ends of processes are told by their shims alone",
                    broken);
        } finally {
            for (var token : List.copyOf(entries.keySet())) {
                forget(token);
            }
            waiting.close();
        }
    }

    /** The descriptor stays open, as the kernel tells its holder how the process ended. */
    private static void stopWatching(Epoll waiting, Entry entry) {
        try {
            waiting.remove(entry.process().fd());
        } catch (LinuxException | IllegalStateException gone) {
            LOG.log(Logger.Level.DEBUG, "process deaths: {0}", gone.getMessage());
        }
    }

    private void forget(long token) {
        var entry = entries.remove(token);
        if (entry != null) {
            entry.process().close(); // which ends its watch too
        }
    }

    /** The thread ends within half a minute, or with the process. */
    @Override
    public void close() {
        closed = true;
    }
}
