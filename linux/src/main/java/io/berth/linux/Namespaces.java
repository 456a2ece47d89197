package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Network namespaces and those of host names, entered only by throw-away platform threads.
 *
 * <p>A thread that wakes a virtual thread while it is inside a namespace can make a scheduler
 * thread there, on which unrelated work then runs. So each call uses a fresh thread that enters,
 * makes system calls only, returns to the host's namespace, and only then hands over its result.
 * When the return fails, the process ends at once: shims outlive it and are adopted again.
 */
public final class Namespaces {
    /** CLONE_NEWNET (linux/sched.h). */
    private static final int CLONE_NEWNET = 0x40000000;

    /** CLONE_NEWUTS (linux/sched.h). */
    private static final int CLONE_NEWUTS = 0x04000000;

    /** How many threads may be inside a namespace at once. */
    private static final int MAX_THREADS = 32;

    /** How many times a namespace may have been pinned over itself. */
    private static final int MAX_STACKED = 64;

    /** EX_SOFTWARE (sysexits.h): the exit status when a thread is lost in a namespace. */
    static final int LOST = 70;

    private static final Path OWN_NETNS = Path.of("/proc/thread-self/ns/net");
    private static final Path OWN_UTSNS = Path.of("/proc/thread-self/ns/uts");
    private static final Path HOSTNAME = Path.of("/proc/sys/kernel/hostname");
    private final Linux linux;
    private final Semaphore threads = new Semaphore(MAX_THREADS, true);

    public Namespaces(Linux linux) {
        this.linux = linux;
    }

    /**
     * Makes a network namespace and pins it by a bind mount at {@code pin}, a file that must not
     * exist yet; its directory must. A failure leaves at most what {@link #removeNetns} removes.
     */
    public void createNetns(Path pin) throws IOException {
        Steps.require("netns create");
        int create = Flags.O_RDONLY | Flags.O_CREAT | Flags.O_EXCL | Flags.O_NOFOLLOW;
        linux.open(pin, create, 0444).close();
        inside(
                new Entry(OWN_NETNS, CLONE_NEWNET, () -> linux.unshare(CLONE_NEWNET)),
                () -> {
                    linux.mount(OWN_NETNS.toString(), pin, "none", Set.of(MountFlag.BIND), "");
                    return pin;
                });
    }

    /** Unpins the namespace and removes its file; what is already gone is success. */
    public void removeNetns(Path pin) throws IOException {
        Steps.require("netns remove");
        for (int stacked = 0; stacked < MAX_STACKED; stacked++) {
            try {
                linux.umount(pin, Set.of(UmountFlag.DETACH, UmountFlag.NOFOLLOW));
            } catch (LinuxException gone) {
                if (gone.errno() != Errno.EINVAL && gone.errno() != Errno.ENOENT) {
                    throw gone;
                }
                break;
            }
        }
        try {
            linux.unlinkat(LinuxFd.AT_FDCWD, pin.toString(), 0);
        } catch (LinuxException gone) {
            if (gone.errno() != Errno.ENOENT) {
                throw gone;
            }
        }
    }

    /** Whether {@code pin} is a pinned namespace and not just a file. */
    public boolean isPinned(Path pin) throws IOException {
        return Files.exists(pin) && linux.statfs(pin).type() == Flags.NSFS_MAGIC;
    }

    /** Runs {@code body} with its thread in the network namespace at {@code netns}. */
    public <T> T callInNetns(Path netns, SystemCalls<T> body) throws IOException {
        try (var target = linux.open(netns, Flags.O_RDONLY | Flags.O_CLOEXEC, 0)) {
            return inside(
                    new Entry(OWN_NETNS, CLONE_NEWNET, () -> linux.setns(target, CLONE_NEWNET)),
                    body);
        }
    }

    /** Sets the host name in the namespace at {@code utsns}, which every process in it sees. */
    public void setHostname(Path utsns, String name) throws IOException {
        Steps.require("set host name");
        try (var target = linux.open(utsns, Flags.O_RDONLY | Flags.O_CLOEXEC, 0)) {
            inside(
                    new Entry(OWN_UTSNS, CLONE_NEWUTS, () -> linux.setns(target, CLONE_NEWUTS)),
                    () -> {
                        try (var file = linux.open(HOSTNAME, Flags.O_WRONLY, 0)) {
                            linux.writeFully(file, ByteBuffer.wrap(name.getBytes(UTF_8)));
                        }
                        return name;
                    });
        }
    }

    private interface Entering {
        void enter() throws IOException;
    }

    /**
     * A way in.
     *
     * @param own the namespace to return to
     * @param type of the namespace, as clone(2) names it
     */
    private record Entry(Path own, int type, Entering way) {}

    private <T> T inside(Entry entry, SystemCalls<T> body) throws IOException {
        threads.acquireUninterruptibly();
        try {
            var visit = new Visit<T>(linux, entry, body, Steps.capture());
            var thread = Thread.ofPlatform().name("netns-visit").daemon().unstarted(visit);
            thread.start();
            joinUninterruptibly(thread);
            return visit.result();
        } finally {
            threads.release();
        }
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** One thread's way in and out; its fields are read after the thread has ended. */
    private static final class Visit<T> implements Runnable {
        private final Linux linux;
        private final Entry entry;
        private final SystemCalls<T> body;
        private final Steps.Carrier step;
        private @Nullable T value;
        private @Nullable Throwable failure;

        Visit(Linux linux, Entry entry, SystemCalls<T> body, Steps.Carrier step) {
            this.linux = linux;
            this.entry = entry;
            this.body = body;
            this.step = step;
        }

        @Override
        public void run() {
            try (var host = linux.open(entry.own(), Flags.O_RDONLY | Flags.O_CLOEXEC, 0)) {
                entry.way().enter();
                try {
                    value = step.callBody(body::run);
                } finally {
                    leave(host);
                }
            } catch (Throwable thrown) {
                failure = thrown;
            }
        }

        private void leave(LinuxFd host) {
            try {
                linux.setns(host, entry.type());
            } catch (Throwable lost) {
                lastWords("berth: this thread cannot leave a namespace; halting\n");
                Runtime.getRuntime().halt(LOST);
            }
        }

        /** By system call: a logger could wake other threads from in here. */
        @SuppressWarnings("EmptyCatch") // halting is next, whatever became of the message
        private void lastWords(String message) {
            try {
                linux.writeFully(
                        new LinuxFd(2, "stderr"), ByteBuffer.wrap(message.getBytes(UTF_8)));
            } catch (Throwable unsaid) {
            }
        }

        @SuppressWarnings("NullAway") // the body's own result, null or not
        T result() throws IOException {
            switch (failure) {
                case null -> {
                    return value;
                }
                case IOException io -> throw io;
                case RuntimeException broken -> throw broken;
                case Error broken -> throw broken;
                case Throwable other -> throw new IOException("in a namespace: " + other, other);
            }
        }
    }
}
