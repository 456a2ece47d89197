package io.berth.shimclient.shim;

import io.berth.linux.Flags;
import io.berth.linux.LinuxCalls;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.step.Steps;
import io.berth.shim.types.Status;
import io.berth.shimclient.ttrpc.StatusCode;
import io.berth.shimclient.ttrpc.TtrpcException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A process of a scripted shim: one of this host, without namespaces. */
final class ScriptedTask {
    private static final LinuxCalls KERNEL = new LinuxCalls();
    private static final int SIGKILL = 9;

    /**
     * Opens its output, says so, and waits until it may become the program, as the same process.
     */
    private static final String WAITING =
            "exec 3>&1 >>\"$1\" 2>>\"$2\"; echo open >&3; exec 3>&-; shift 2; "
                    + "read -r go || exit 0; exec \"$@\"";

    private final String name;
    private final TaskIo io;
    private final Process process;
    private final CompletableFuture<Exit> exit = new CompletableFuture<>();
    private volatile Status status = Status.CREATED;
    private volatile boolean closing;

    /** An end. */
    record Exit(int code, Instant at) {}

    /**
     * @param lost whether nobody is told of the process's end
     * @param ended what is done then all the same
     */
    ScriptedTask(String name, TaskIo io, List<String> program, boolean lost, Runnable ended) {
        this.name = name;
        this.io = io;
        var command = new ArrayList<>(List.of("sh", "-c", WAITING, "sh"));
        command.add(output(io.stdout()));
        command.add(output(io.stderr()));
        command.addAll(program);
        try {
            process =
                    new ProcessBuilder(command)
                            .directory(Path.of("/").toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            var _ = process.getInputStream().read(); // an open FIFO: its reader waits for an end
        } catch (IOException e) {
            throw new TtrpcException.Refused(StatusCode.UNKNOWN, name + ": " + e.getMessage());
        }
        var _ =
                process.onExit()
                        .thenAccept(
                                it -> {
                                    if (!lost || status == Status.CREATED) {
                                        status = Status.STOPPED;
                                        exit.complete(new Exit(it.exitValue(), Instant.now()));
                                    }
                                    ended.run();
                                });
    }

    private static String output(String where) {
        if (where.isEmpty()) {
            return "/dev/null";
        }
        return where.startsWith("file://") ? where.substring("file://".length()) : where;
    }

    int pid() {
        return (int) process.pid();
    }

    Status status() {
        return status;
    }

    void paused(boolean now) {
        status = now ? Status.PAUSED : Status.RUNNING;
    }

    CompletableFuture<Exit> exit() {
        return exit;
    }

    /** Lets the program run. */
    void start() {
        if (status != Status.CREATED) {
            throw new TtrpcException.Refused(StatusCode.FAILED_PRECONDITION, name + ": " + status);
        }
        status = Status.RUNNING;
        try {
            var input = process.getOutputStream();
            input.write("go\n".getBytes(StandardCharsets.UTF_8));
            input.flush();
            if (!io.stdin().isEmpty()) {
                Thread.ofPlatform().daemon().name("stdin-" + name).start(() -> copy(input));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // it was killed before; its exit tells
        }
    }

    /** The program's stdin stays open after the writers of the FIFO have gone. */
    private void copy(OutputStream into) {
        int flags = Flags.O_RDWR | Flags.O_NONBLOCK;
        try (var fifo = KERNEL.open(Path.of(io.stdin()), flags, 0)) {
            var bytes = ByteBuffer.allocateDirect(4096);
            while (status != Status.STOPPED) {
                boolean last = closing;
                if (!move(fifo, bytes, into)) {
                    if (last) {
                        into.close();
                        return;
                    }
                    java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
                }
            }
        } catch (IOException ended) {
            return; // the program reads no more
        }
    }

    private static boolean move(LinuxFd fifo, ByteBuffer bytes, OutputStream into)
            throws IOException {
        if (KERNEL.unread(fifo) == 0) {
            return false;
        }
        bytes.clear();
        int count = KERNEL.read(fifo, bytes);
        bytes.flip();
        var copy = new byte[count];
        bytes.get(copy);
        into.write(copy);
        into.flush();
        return true;
    }

    /** Ends the program's stdin once it has what the FIFO holds. */
    void closeStdin() {
        closing = true;
    }

    /** Whether the shim has been told to end the program's stdin. */
    boolean stdinClosed() {
        return closing;
    }

    void signal(int signal) {
        if (exit.isDone() || !process.isAlive()) {
            throw new TtrpcException.Refused(
                    StatusCode.NOT_FOUND, name + ": process already finished");
        }
        try {
            Steps.run("test.signal", name, () -> KERNEL.kill(pid(), signal));
        } catch (LinuxException gone) {
            throw new TtrpcException.Refused(StatusCode.NOT_FOUND, name + ": " + gone.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills it and its children, and waits until it is gone. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }

    static boolean isThere(String program) {
        return Files.isExecutable(Path.of(program));
    }

    static boolean kills(int signal) {
        return signal == SIGKILL;
    }
}
