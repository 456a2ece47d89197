package io.berth.sandbox.operation;

import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.PolledFd;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Hands input over to a terminal as it is read there, and holds back the rest. A shim of
 * containerd, at least from 1.6 to 2.3, that cannot write to a terminal, since it is full or its
 * process has ended, waits for ever, and keeps the terminal and its FIFO for as long as the pod
 * lives. What cannot be helped: keys that reach the shim in the very moment in which a process
 * ends.
 *
 * <p>Nor may the input end before the process has: the shim then closes the terminal, and at the
 * process's end once more by its number, which may be that of another command's terminal by then.
 */
final class TerminalInput implements AutoCloseable {
    private static final int CHUNK_BYTES = 1024;

    /** A terminal takes 4095 bytes that nobody has read, and some ten thousand behind those. */
    private static final int UNREAD_BYTES = 2048;

    /** What may be given to a terminal that cannot be looked at. */
    private static final int UNSEEN_BYTES = 32 << 10;

    /** How long a shim may take for a chunk that the terminal has room for. */
    private static final Duration TAKEN = Duration.ofSeconds(5);

    private static final long FIRST_PAUSE_MILLIS = 1;
    private static final long LAST_PAUSE_MILLIS = 50;

    /** Major numbers of pseudo-terminals (Documentation/admin-guide/devices.txt). */
    private static final int FIRST_PTS = 136;

    private static final int LAST_PTS = 143;

    private final Linux linux;
    private final int pid;
    private final PolledFd fifo;
    private final CompletableFuture<?> end;
    private @Nullable LinuxFd terminal;
    private boolean stopped;
    private long given;

    /**
     * @param pid a process whose standard input is the terminal
     * @param fifo from which the shim copies to it
     * @param end completes with the process's end, after which nothing is handed over
     */
    TerminalInput(Linux linux, int pid, PolledFd fifo, CompletableFuture<?> end) {
        this.linux = linux;
        this.pid = pid;
        this.fifo = fifo;
        this.end = end;
    }

    /** Hands over all of the bytes, as there is room for them. */
    void write(byte[] bytes, int length) throws IOException {
        for (int from = 0; from < length; from += CHUNK_BYTES) {
            int part = Math.min(CHUNK_BYTES, length - from);
            awaitRoom();
            fifo.write(ByteBuffer.wrap(bytes, from, part));
            given += part;
        }
    }

    private void awaitRoom() throws IOException {
        long pause = FIRST_PAUSE_MILLIS;
        while (!room()) {
            pause = waited(pause);
        }
    }

    /** The kernel tells nobody but the terminal's other end. */
    private static long waited(long pause) throws IOException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("terminal").initCause(stop);
        }
        return Math.min(2 * pause, LAST_PAUSE_MILLIS);
    }

    /** Hands nothing over from now on, and waits until the shim has taken what was. */
    void stop() throws IOException {
        synchronized (this) {
            stopped = true;
        }
        long until = System.nanoTime() + TAKEN.toNanos();
        long pause = FIRST_PAUSE_MILLIS;
        while (!end.isDone() && fifo.unread() > 0 && System.nanoTime() < until) {
            pause = waited(pause);
        }
    }

    private synchronized boolean room() throws IOException {
        if (stopped || end.isDone()) {
            throw new IOException("its process has ended");
        }
        if (fifo.unread() > 0) {
            return false;
        }
        if (terminal == null) {
            terminal = find();
        }
        if (terminal != null) {
            return linux.unread(terminal) < UNREAD_BYTES;
        }
        return given < UNSEEN_BYTES && Files.exists(stdin(), LinkOption.NOFOLLOW_LINKS);
    }

    private Path stdin() {
        return Path.of("/proc/" + pid + "/fd/0");
    }

    /** Looked at before it is opened: the process may have put something else in its place. */
    private @Nullable LinuxFd find() throws LinuxException {
        var path = stdin().toString();
        try (var found = linux.openat(LinuxFd.AT_FDCWD, path, Flags.O_PATH, 0)) {
            var stat = linux.fstat(found);
            boolean pts =
                    stat.type() == Flags.S_IFCHR
                            && stat.deviceMajor() >= FIRST_PTS
                            && stat.deviceMajor() <= LAST_PTS;
            int flags = Flags.O_RDONLY | Flags.O_NOCTTY | Flags.O_NONBLOCK | Flags.O_CLOEXEC;
            return pts ? linux.openat(LinuxFd.AT_FDCWD, found.procPath(), flags, 0) : null;
        } catch (LinuxException gone) {
            if (gone.errno() == Errno.ENOENT
                    || gone.errno() == Errno.ESRCH
                    || gone.errno() == Errno.EIO) {
                return null;
            }
            throw gone;
        }
    }

    @Override
    public synchronized void close() {
        stopped = true;
        if (terminal != null) {
            terminal.close();
        }
    }
}
