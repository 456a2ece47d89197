package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.Flags;
import io.berth.linux.LinuxCalls;
import io.berth.linux.step.Steps;
import io.berth.shimclient.ttrpc.TtrpcException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * A shim's program that tests have in hand. It is started as a real one is, by its command line;
 * the shim that it starts is a process of its own, whose Task service this process serves.
 * Containers are processes of this host, without namespaces, and outlive daemons as real ones do.
 */
public final class ScriptedShims implements Closeable {
    /** Asks this process, and does what it answers: first its exit code, then its words. */
    private static final String PROGRAM =
            """
            #!/bin/sh
            [ "$1" != -v ] || { printf 'shim:\\n  Version:  v2.1.9\\n  Revision: \\n'; exit 0; }
            while [ $# -gt 0 ]; do
              case $1 in
                -namespace|-publish-binary|-bundle) shift 2 ;;
                -address) address=$2; shift 2 ;;
                -id) id=$2; shift 2 ;;
                *) verb=$1; shift ;;
              esac
            done
            reply=FOLDER/reply-$$
            mkfifo "$reply"
            pid=0
            if [ "$verb" = start ]; then
              sh -c 'trap "" USR1; while :; do read -r never; done' shim -namespace k8s.io \\
                -id "$id" -address "$address" <>FOLDER/never >/dev/null 2>&1 &
              pid=$!
            fi
            echo "$verb $id $pid $reply $address $TTRPC_ADDRESS" >FOLDER/control
            exec 3<"$reply"
            rm "$reply"
            read -r code <&3
            if [ "$code" = 0 ]; then cat <&3; else cat <&3 >&2; [ $pid = 0 ] || kill -9 $pid; fi
            exit "$code"
            """;

    private final Path folder;
    private final LinuxCalls linux = new LinuxCalls();
    private final UnaryOperator<List<String>> programs;
    private final Optional<Path> cgroups;
    private final Map<String, ScriptedPodShim> shims = new ConcurrentHashMap<>();
    private final Map<String, Path> cgroupOf = new ConcurrentHashMap<>();
    private final ShimScript script = new ShimScript();
    private final Thread control;
    private volatile boolean closed;

    /**
     * Puts the program and what it needs into {@code folder}.
     *
     * @param programs the command on this host that stands for a container's
     * @param cgroups a folder where each task has a cgroup with its process, if there is one
     */
    public ScriptedShims(Path folder, UnaryOperator<List<String>> programs, Optional<Path> cgroups)
            throws IOException {
        this.folder = Files.createDirectories(folder);
        this.programs = programs;
        this.cgroups = cgroups;
        Files.writeString(program(), PROGRAM.replace("FOLDER", folder.toString()));
        Files.setPosixFilePermissions(program(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Steps.run(
                "test.fifo",
                folder.toString(),
                () -> {
                    linux.mkfifo(folder.resolve("control"), 0600);
                    linux.mkfifo(folder.resolve("never"), 0600);
                });
        control = Thread.ofPlatform().daemon().name("scripted-shims").start(this::serve);
    }

    /** The program, to be named as a runtime handler's shim. */
    public Path program() {
        return folder.resolve("containerd-shim-runc-v2");
    }

    /** The faults of the calls of all shims, and of the program. */
    public ShimScript script() {
        return script;
    }

    /** The shim of a pod that lives. */
    public ScriptedPodShim of(String id) {
        var shim = shims.get(id);
        if (shim == null) {
            throw new IllegalArgumentException("shim %s: none; there are %s".formatted(id, shims));
        }
        return shim;
    }

    /** The ids of the pods whose shims live. */
    public List<String> alive() {
        return shims.entrySet().stream()
                .filter(it -> it.getValue().isAlive())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** Whether any shim has a process for a task, by its id or {@code ID/EXEC}. */
    public boolean runs(String name) {
        return shims.values().stream().anyMatch(shim -> shim.runs(name));
    }

    UnaryOperator<List<String>> programs() {
        return programs;
    }

    private void serve() {
        try (var fifo = linux.open(folder.resolve("control"), Flags.O_RDWR, 0)) {
            var bytes = ByteBuffer.allocateDirect(64 << 10);
            var text = new StringBuilder();
            while (!closed) {
                bytes.clear();
                linux.read(fifo, bytes);
                bytes.flip();
                text.append(UTF_8.decode(bytes));
                for (int end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
                    var line = text.substring(0, end).split(" ");
                    text.delete(0, end + 1);
                    if (line.length > 3) {
                        Thread.ofVirtual().name("scripted-call").start(() -> answer(line));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void answer(String[] line) {
        var id = line[1];
        String reply;
        try {
            var shim =
                    line[0].equals("start")
                            ? Optional.of(started(line))
                            : Optional.ofNullable(shims.get(id));
            script.meet(line[0], id, ShimScript.Moment.BEFORE, shim);
            reply = "0\n" + (line[0].equals("start") ? bootstrap(line) : deleted(id));
            script.meet(line[0], id, ShimScript.Moment.AFTER, shim);
        } catch (TtrpcException.Refused refused) {
            reply = "1\n" + refused.getMessage();
        } catch (IOException e) {
            reply = "1\n" + e;
        }
        try {
            Files.writeString(Path.of(line[3]), reply);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the program was killed
        }
    }

    private static ShimSettings settings(String[] line) {
        var address = Path.of(line[4]);
        return new ShimSettings(
                "k8s.io",
                address,
                Path.of(line[5]),
                address,
                ShimTimeouts.DEFAULT,
                socketFolder(line));
    }

    /** Real shims have theirs compiled in; here it lies beside the daemon's socket. */
    private static Path socketFolder(String[] line) {
        return Path.of(line[4]).resolveSibling("s");
    }

    private ScriptedPodShim started(String[] line) throws IOException {
        var socket = ShimSocket.of(settings(line), line[1]);
        int pid = Integer.parseInt(line[2]);
        var shim = new ScriptedPodShim(line[1], pid, socket, Path.of(line[5]), this);
        shims.put(line[1], shim);
        return shim;
    }

    private static String bootstrap(String[] line) {
        return "{\"version\":3,\"address\":\"unix://%s\",\"protocol\":\"ttrpc\"}"
                .formatted(ShimSocket.of(settings(line), line[1]));
    }

    /** Whoever held the task: its processes and its cgroup go. */
    private String deleted(String taskId) {
        for (var shim : shims.values()) {
            shim.clear(taskId);
        }
        var own = shims.get(taskId);
        if (own != null && ProcessHandle.of(own.pid()).isEmpty()) {
            own.awaitEnd();
        }
        return "";
    }

    /** Says which processes are in a task's cgroup. */
    void cgroup(String taskId, String path, List<Integer> pids) {
        if (cgroups.isPresent() && path.startsWith("/")) {
            cgroupOf.put(taskId, cgroups.get().resolve(path.substring(1)));
            cgroup(taskId, pids);
        }
    }

    /** A cgroup stays after its process, until its task is deleted. */
    void cgroup(String taskId, List<Integer> pids) {
        var cgroup = cgroupOf.get(taskId);
        if (cgroup == null) {
            return;
        }
        try {
            Files.createDirectories(cgroup);
            var lines = pids.stream().map(pid -> pid + "\n").toList();
            Files.writeString(cgroup.resolve("cgroup.procs"), String.join("", lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the cgroup of a task that is deleted. */
    void forgetCgroup(String taskId) {
        var cgroup = cgroupOf.remove(taskId);
        if (cgroup == null || Files.notExists(cgroup)) {
            return;
        }
        try (var files = Files.list(cgroup)) {
            for (var file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(cgroup);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends every shim and every task. */
    @Override
    public void close() throws IOException {
        closed = true;
        for (var shim : shims.values()) {
            shim.clear();
            shim.die();
        }
        try {
            Files.writeString(folder.resolve("control"), "\n");
            control.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
