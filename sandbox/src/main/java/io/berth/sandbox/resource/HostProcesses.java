package io.berth.sandbox.resource;

import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.Pidfd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The host's processes that carry berth's mark in their command line: shims, by the address of our
 * socket and the id, and log writers, by their control socket. No other process is ever signalled.
 */
public final class HostProcesses {
    private static final int SIGKILL = 9;

    private final Linux linux;
    private final String address;
    private final Path ioFolder;
    private final Duration limit;

    /** Pids of log writers that this daemon has started, by control socket. */
    private final Map<String, Integer> started = new ConcurrentHashMap<>();

    /** Control sockets and pids of log writers that earlier daemons started; read once. */
    private @Nullable Map<String, Integer> earlier;

    private volatile Consumer<String> beforeKill = control -> {};

    /**
     * @param address what shims are given as {@code -address}: no other daemon uses it
     * @param ioFolder where control sockets of log writers lie
     * @param limit how long a killed process may take to go
     */
    public HostProcesses(Linux linux, String address, Path ioFolder, Duration limit) {
        this.linux = linux;
        this.address = address;
        this.ioFolder = ioFolder;
        this.limit = limit;
    }

    /** One process: its pid and its command line. */
    private record Seen(int pid, List<String> command) {
        /** The word after a flag, or empty. */
        String after(String flag) {
            int at = command.indexOf(flag);
            return at < 0 || at + 1 >= command.size() ? "" : command.get(at + 1);
        }
    }

    /** The ids of all shims that we started, in this life or an earlier one. */
    Set<String> shimIds() throws IOException {
        var ids = new HashSet<String>();
        for (var process : all()) {
            if (isOurShim(process)) {
                ids.add(process.after("-id"));
            }
        }
        return ids;
    }

    /** The control sockets of all our log writers. */
    Set<String> writerControls() throws IOException {
        var controls = new HashSet<String>();
        for (var process : all()) {
            if (isOurWriter(process)) {
                controls.add(process.after("--control"));
            }
        }
        return controls;
    }

    /**
     * The pid of the only log writer of a control socket; one of an earlier daemon is looked for.
     */
    public void writerStarted(Path control, int pid) {
        started.put(control.toString(), pid);
    }

    /** Sets who hears the control socket of each log writer that is about to be killed here. */
    public void onWriterKill(Consumer<String> told) {
        beforeKill = told;
    }

    /**
     * The running log writer of a control socket, whichever daemon started it; empty if there is
     * none.
     */
    public Optional<Pidfd> writer(Path control) throws IOException {
        var pid = started.get(control.toString());
        if (pid == null) {
            pid = earlier().get(control.toString());
        }
        if (pid == null) {
            return Optional.empty();
        }
        try {
            var pidfd = linux.pidfdOpen(pid);
            var found = new Seen(pid, command(pid));
            if (isOurWriter(found) && found.after("--control").equals(control.toString())) {
                return Optional.of(pidfd);
            }
            pidfd.close();
            return Optional.empty();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ESRCH) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private synchronized Map<String, Integer> earlier() throws IOException {
        if (earlier == null) {
            var found = new HashMap<String, Integer>();
            for (var process : all()) {
                if (isOurWriter(process)) {
                    found.put(process.after("--control"), process.pid());
                }
            }
            earlier = Map.copyOf(found);
        }
        return earlier;
    }

    /** Kills the log writer of a control socket and waits until it is gone. */
    void killWriter(String control) throws IOException {
        beforeKill.accept(control);
        var pid = started.get(control);
        kill(
                "log writer " + control,
                pid == null ? all() : of(pid),
                process -> isOurWriter(process) && process.after("--control").equals(control));
        started.remove(control);
    }

    private boolean isOurShim(Seen process) {
        return process.after("-address").equals(address) && !process.after("-id").isEmpty();
    }

    private boolean isOurWriter(Seen process) {
        var control = process.after("--control");
        return !control.isEmpty() && Path.of(control).startsWith(ioFolder);
    }

    private void kill(String what, List<Seen> among, Predicate<Seen> chosen) throws IOException {
        for (var process : among) {
            if (!chosen.test(process)) {
                continue;
            }
            try (var pidfd = linux.pidfdOpen(process.pid())) {
                // The pid may have changed hands before the descriptor fixed it: look again.
                if (!chosen.test(new Seen(process.pid(), command(process.pid())))) {
                    continue;
                }
                linux.pidfdSendSignal(pidfd, SIGKILL);
                if (!linux.awaitExit(pidfd, limit)) {
                    throw new IOException(
                            "%s: its process %d still lives %s after SIGKILL"
                                    .formatted(what, process.pid(), limit));
                }
            } catch (LinuxException e) {
                if (e.errno() != Errno.ESRCH) {
                    throw e;
                }
            }
        }
    }

    /** The process of a pid, whoever has it by now. */
    private static List<Seen> of(int pid) {
        return List.of(new Seen(pid, command(pid)));
    }

    private static List<Seen> all() throws IOException {
        var found = new ArrayList<Seen>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var entry : entries) {
                var pid = Integer.parseInt(entry.getFileName().toString());
                var command = command(pid);
                if (!command.isEmpty()) {
                    found.add(new Seen(pid, command));
                }
            }
        }
        return found;
    }

    private static List<String> command(int pid) {
        try {
            var bytes = Files.readAllBytes(Path.of("/proc", Integer.toString(pid), "cmdline"));
            return Arrays.asList(new String(bytes, StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException gone) {
            return List.of(); // it ended while we looked
        }
    }
}
