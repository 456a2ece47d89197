package io.berth.shimclient.shim;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import io.berth.linux.LinuxCalls;
import io.berth.linux.Pidfd;
import io.berth.shimclient.ttrpc.TtrpcMethods;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * The shim of one pod: a real process, which does nothing, and a real server of its Task service in
 * this process. It ends when its process is killed, and its tasks live on then.
 */
public final class ScriptedPodShim {
    private static final LinuxCalls KERNEL = new LinuxCalls();

    private final int pid;
    private final Pidfd process;
    private final Path socket;
    private final ScriptedService service;
    private final ScriptedEvents events;
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ShimScript script = new ShimScript();

    ScriptedPodShim(String id, int pid, Path socket, Path events, ScriptedShims shims)
            throws IOException {
        this.pid = pid;
        this.process = KERNEL.pidfdOpen(pid);
        this.socket = socket;
        this.events = new ScriptedEvents(events);
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Files.createDirectories(socket.getParent());
        Files.deleteIfExists(socket);
        listener.bind(UnixDomainSocketAddress.of(socket));
        this.service = new ScriptedService(this, shims, this.events);
        var methods = service.methods();
        Thread.ofVirtual().name("scripted-accept").start(() -> accept(methods));
        Thread.ofPlatform().daemon().name("scripted-death-" + id).start(this::watch);
    }

    /** The faults of this shim's calls. */
    public ShimScript script() {
        return script;
    }

    /** Its process. */
    public int pid() {
        return pid;
    }

    /** The calls that it was asked for, in order: {@code Create ID}, {@code Start ID/EXEC}. */
    public List<String> calls() {
        return service.calls();
    }

    /** Whether a task, by its id or {@code ID/EXEC}, has a process. */
    public boolean runs(String name) {
        var task = service.tasks().get(name);
        return task != null && !task.exit().isDone();
    }

    /** The process of a task, by its id or {@code ID/EXEC}. */
    public int pidOf(String name) {
        return service.known(name).pid();
    }

    /** Whether a task's stdin has been ended by a CloseIO. */
    public boolean stdinClosed(String name) {
        return service.known(name).stdinClosed();
    }

    /** The limits that a task was given by Update, as JSON; the last one last. */
    public List<String> updates(String taskId) {
        return service.updates(taskId);
    }

    /** Ends a task's process as a program does that crashes, and waits until its end is known. */
    public void killTask(String name) {
        var task = service.known(name);
        task.kill();
        task.exit().join();
    }

    /** Tells the daemon that a container had too little memory. */
    public void outOfMemory(String containerId) {
        events.outOfMemory(containerId);
    }

    /** Kills the shim's process, and waits until it no longer answers. Its tasks live on. */
    public void die() {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        awaitEnd();
    }

    /** Waits until the shim has left. */
    public void awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where it listens. */
    Path socket() {
        return socket;
    }

    /** Forgets a task whatever it does, as the program's {@code delete} does. */
    void clear(String taskId) {
        service.clear(taskId);
    }

    /** Forgets all tasks. */
    void clear() {
        List.copyOf(service.tasks().keySet()).forEach(this::clear);
    }

    boolean isAlive() {
        return ended.getCount() > 0;
    }

    private void watch() {
        try {
            while (!KERNEL.awaitExit(process, Duration.ofHours(1))) {
                // it lives on
            }
            close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            process.close();
        }
    }

    private void accept(TtrpcMethods methods) {
        while (listener.isOpen()) {
            try {
                var channel = listener.accept();
                connections.add(channel);
                methods.serve(channel, 1000, () -> connections.remove(channel));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void stopListening() throws IOException {
        listener.close();
        Files.deleteIfExists(socket);
    }

    private void close() throws IOException {
        listener.close(); // its socket stays, as a killed process's does
        for (var connection : connections) {
            connection.close();
        }
        events.close();
        ended.countDown();
    }

    /** Does not go on while the process is stopped, as by SIGSTOP. */
    void awaitGoing() {
        while (isAlive() && isStopped()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private boolean isStopped() {
        try {
            var stat = Files.readString(Path.of("/proc", Integer.toString(pid), "stat"));
            return stat.startsWith(") T", stat.lastIndexOf(')'));
        } catch (IOException gone) {
            return false;
        }
    }

    /** It leaves unless it has tasks, and takes its socket along. */
    MessageLite shutdown() {
        if (service.tasks().isEmpty()) {
            try {
                events.flush();
                stopListening();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        return Empty.getDefaultInstance();
    }
}
