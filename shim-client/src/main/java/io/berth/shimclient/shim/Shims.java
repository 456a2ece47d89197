package io.berth.shimclient.shim;

import io.berth.linux.Flags;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.Processes;
import io.berth.linux.socket.SocketFile;
import io.berth.linux.socket.SocketHeld;
import io.berth.linux.step.Steps;
import io.berth.shim.events.ForwardRequest;
import io.berth.shimclient.bundle.Bundle;
import io.berth.shimclient.process.ShimProcesses;
import io.berth.shimclient.ttrpc.TtrpcServer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All shims of the node: starts them, finds them again, hears their events, and clears away what
 * dead ones left.
 *
 * <p>Closing it leaves every shim and its tasks running.
 */
public final class Shims implements Closeable {
    private static final System.Logger LOG = System.getLogger(Shims.class.getName());
    private static final String EVENTS = "containerd.services.events.ttrpc.v1.Events";
    private static final int SOCKET_DIRECTORY_MODE = 0711;
    private static final int FIFO_MODE = 0600;

    private final ShimSettings settings;
    private final Linux linux;
    private final HostFiles files;
    private final ShimBinary binary;
    private final ShimProcesses processes;
    private final ShimConnector connector;
    private final ShimEvents heard;
    private final Set<ShimHold> holds = ConcurrentHashMap.newKeySet();
    private @Nullable ShimWatch watch;
    private @Nullable TtrpcServer events;
    private volatile boolean closed;

    public Shims(ShimSettings settings, Processes launcher, Linux linux, HostFiles files) {
        this.settings = settings;
        this.linux = linux;
        this.files = files;
        this.heard = new ShimEvents(settings.namespace());
        this.binary = new ShimBinary(launcher, settings);
        this.processes = new ShimProcesses(linux);
        this.connector = new ShimConnector(settings, linux, processes);
    }

    /**
     * Hears every event of every shim from now on. A listener that throws makes the shim send the
     * event again; one that blocks holds up that shim's events only, and is interrupted at the
     * shim's own deadline (5 s).
     */
    public void onEvent(Consumer<TaskEvent> listener) {
        heard.listen(listener);
    }

    /**
     * Listens for events, and watches shims from now on; to be called once, after {@link #onEvent}
     * and before everything else.
     *
     * @throws IOException if the event socket cannot be had
     */
    public void listen() throws IOException {
        watch = ShimWatch.start(linux);
        events =
                TtrpcServer.bind(settings.eventSocket())
                        .handle(EVENTS, "Forward", ForwardRequest.parser(), heard::forward);
        events.start();
    }

    /**
     * Starts the shim of a pod. One that runs for the same bundle is taken over instead.
     *
     * <p>On failure there is no process and no socket; the bundle stays.
     *
     * @throws ShimException.GivenUp if this object is closed before the shim answers
     */
    public Shim start(ShimRequest request) {
        requireOpen(request.id());
        var bundle = new Bundle(request.bundle());
        long log = 0;
        var answer = new byte[0];
        try {
            files.createDirectories(settings.socketFolder(), SOCKET_DIRECTORY_MODE);
            files.mkfifo(bundle.log(), FIFO_MODE);
            log = openLog(bundle);
            answer = answer(request);
            var bootstrap = Bootstrap.parse(request.id(), answer);
            bundle.saveBootstrap(bootstrap.encode(), files);
            return attach(bundle, List.of(bootstrap), log, settings.timeouts().connect());
        } catch (ShimException e) {
            undoStart(request, log, answer, e);
            throw e;
        } catch (IOException e) {
            undoStart(request, log, answer, e);
            throw failed(request.id(), "start", e);
        }
    }

    /** The answer of the start, in the form that the shim turns out to speak. */
    private byte[] answer(ShimRequest request) throws IOException {
        for (boolean again = false; ; again = true) {
            try {
                return binary.start(request);
            } catch (ShimBinary.Misunderstood form) {
                endStarted(request, form.answer());
                if (again) {
                    throw new IOException(form.getMessage(), form);
                }
            }
        }
    }

    private void undoStart(ShimRequest request, long log, byte[] answer, Exception cause) {
        watch().forget(log);
        binary.startFailed(request);
        try {
            endStarted(request, answer);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Ends what a start left that is of no use: its processes, and the sockets they had. */
    private void endStarted(ShimRequest request, byte[] answer) throws IOException {
        processes.killAll(request.bundle());
        removeSocket(request.id());
        var named = Bootstrap.namedSocket(request.id(), answer);
        if (named.isPresent() && settings.socketFolder().equals(named.get().getParent())) {
            removeSocket(request.id(), named.get());
        }
    }

    /**
     * Finds the shim of a bundle again after a restart. Events kept in the bundle are heard before
     * this returns.
     *
     * @throws ShimException.ShimLost if there is none; then {@link #forceDelete} is due
     * @throws ShimException.TimedOut if there is one that does not answer
     * @throws ShimException.GivenUp if this object is closed before it answers
     */
    public Shim adopt(Path bundleDirectory, Duration timeout) {
        var bundle = new Bundle(bundleDirectory);
        requireOpen(bundle.id());
        if (!Files.isDirectory(bundleDirectory)) {
            throw new ShimException.ShimLost(
                    "shim %s: no bundle at %s".formatted(bundle.id(), bundleDirectory), null);
        }
        long log = 0;
        try {
            if (Files.exists(bundle.log())) {
                log = openLog(bundle); // a shim whose start was cut short waits for this
            }
            heard.drain(bundle);
            return attach(bundle, candidates(bundle), log, timeout);
        } catch (ShimException e) {
            watch().forget(log);
            throw e;
        } catch (IOException e) {
            watch().forget(log);
            throw failed(bundle.id(), "adopt", e);
        }
    }

    /**
     * Clears away a task whose shim is dead, by the shim's {@code delete} program: container,
     * cgroup, rootfs mount, and the shim's socket. Success if they are gone; repeats well. A shim
     * of this very bundle that still lives, because it hangs, is killed first. For a container in a
     * pod's shim the caller sees to that with {@link #kill}.
     *
     * @return what the program says of the task; its exit status is made up
     */
    public Optional<DeletedTask> forceDelete(ShimRequest request) {
        Steps.require("shim %s: forceDelete".formatted(request.id()));
        try {
            processes.killAll(request.bundle());
            var deleted =
                    Files.isDirectory(request.bundle())
                            ? binary.delete(request)
                            : Optional.<DeletedTask>empty();
            removeSocket(request.id());
            return deleted;
        } catch (IOException e) {
            throw new ShimException.Failed(
                    "shim %s: delete: %s".formatted(request.id(), e.getMessage()), e);
        }
    }

    /**
     * Ends the shim of a bundle without its program: its processes, not its tasks, and its socket.
     * Success if there is none.
     */
    public void end(String id, Path bundle) {
        Steps.require("shim %s: end".formatted(id));
        try {
            processes.killAll(bundle);
            removeSocket(id);
        } catch (IOException e) {
            throw new ShimException.Failed("shim %s: end: %s".formatted(id, e.getMessage()), e);
        }
    }

    /** Kills the shim process of a bundle, not its tasks; success if there is none. */
    public void kill(Path bundle) {
        Steps.require("shim %s: kill".formatted(bundle));
        try {
            processes.kill(bundle);
        } catch (IOException e) {
            throw new ShimException.Failed(
                    "shim %s: kill: %s".formatted(bundle, e.getMessage()), e);
        }
    }

    /** Pids of the shim processes of a bundle, found by their working directory. */
    public List<Integer> pidsOf(Path bundle) throws IOException {
        return processes.of(bundle);
    }

    private Shim attach(Bundle bundle, List<Bootstrap> candidates, long log, Duration timeout)
            throws IOException {
        var connected = connector.connect(bundle, candidates, timeout, () -> closed);
        int pid = connected.process().pid();
        var link = new ShimLink(bundle.id(), connected.bootstrap(), settings, connected.client());
        var hold = new ShimHold(bundle, pid, link, log);
        holds.add(hold); // before the look, so that one of both sees a close at the same time
        if (closed) {
            link.close();
            hold.released();
            connected.process().close();
            requireOpen(bundle.id());
        }
        hold.death = watch().watch(connected.process(), hold::died);
        LOG.log(
                System.Logger.Level.INFO,
                "sandbox={0} shim pid {1} answers at {2}",
                bundle.id(),
                Integer.toString(pid),
                connected.bootstrap().address());
        return new TaskShim(bundle.id(), pid, link, settings, hold);
    }

    /** Once this side has closed, nothing can be watched any more: no failure of the shim's. */
    private ShimException failed(String shim, String action, IOException e) {
        var message = "shim %s: %s: %s".formatted(shim, action, e.getMessage());
        return closed
                ? new ShimException.GivenUp(message, e)
                : new ShimException.Failed(message, e);
    }

    /**
     * Does nothing until this object is closed.
     *
     * @throws ShimException.GivenUp from then on, since that there is no connection says nothing
     */
    public void requireOpen(String shim) {
        if (closed) {
            throw new ShimException.GivenUp("shim %s: this side has closed".formatted(shim), null);
        }
    }

    /** What this object holds for one shim: its log, its pidfd, its connection. */
    private final class ShimHold implements TaskShim.Ending {
        private final Bundle bundle;
        private final int pid;
        private final ShimLink link;
        private final long log;
        private volatile long death;
        private volatile boolean expected;

        ShimHold(Bundle bundle, int pid, ShimLink link, long log) {
            this.bundle = bundle;
            this.pid = pid;
            this.link = link;
            this.log = log;
        }

        void died() {
            link.processIsGone();
            watch().forget(log);
            if (!expected && holds.contains(this)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "sandbox={0} shim pid {1} is gone",
                        bundle.id(),
                        Integer.toString(pid));
                heard.drain(bundle);
                heard.tell(new TaskEvent.Lost(bundle.id(), pid));
            }
        }

        @Override
        public void expected(boolean now) {
            expected = now;
        }

        @Override
        public void sweep() {
            try {
                removeSocket(bundle.id());
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "sandbox=" + bundle.id(), e);
            }
        }

        @Override
        public void released() {
            if (holds.remove(this)) {
                watch().forget(death);
                watch().forget(log);
            }
        }
    }

    /** Opened for both ends, so that it never says that its writers are gone. */
    private long openLog(Bundle bundle) throws IOException {
        var fifo = linux.open(bundle.log(), Flags.O_RDWR | Flags.O_NONBLOCK | Flags.O_NOFOLLOW, 0);
        return watch().watch(new ShimLog(bundle.id(), fifo));
    }

    /** Where the shim of a bundle may listen: as it said, or where its family always does. */
    private List<Bootstrap> candidates(Bundle bundle) throws IOException {
        var saved = bundle.savedBootstrap();
        if (saved.isPresent()) {
            return List.of(Bootstrap.parse(bundle.id(), saved.get()));
        }
        var socket = ShimSocket.of(settings, bundle.id());
        return List.of(new Bootstrap(TaskApi.V3, socket), new Bootstrap(TaskApi.V2, socket));
    }

    /** Removes the socket of a shim, unless somebody answers there. */
    private void removeSocket(String id) throws IOException {
        removeSocket(id, ShimSocket.of(settings, id));
    }

    private void removeSocket(String id, Path socket) throws IOException {
        try {
            SocketFile.removeStale(socket);
        } catch (SocketHeld stays) {
            LOG.log(System.Logger.Level.WARNING, "sandbox={0} {1}", id, stays.getMessage());
        }
    }

    private ShimWatch watch() {
        if (watch == null) {
            throw new IllegalStateException("shims: used before listen()");
        }
        return watch;
    }

    /** Drops all connections and stops listening; shims and tasks live on. */
    @Override
    public void close() throws IOException {
        closed = true;
        for (var hold : List.copyOf(holds)) {
            hold.link.close();
            hold.released();
        }
        try {
            if (events != null) {
                events.close();
            }
        } finally {
            if (watch != null) {
                watch.close();
            }
        }
    }
}
