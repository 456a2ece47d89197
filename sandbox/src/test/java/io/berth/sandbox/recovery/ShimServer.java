package io.berth.sandbox.recovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.berth.shim.types.Status;
import io.berth.shim.v3.CloseIORequest;
import io.berth.shim.v3.ConnectRequest;
import io.berth.shim.v3.ConnectResponse;
import io.berth.shim.v3.CreateTaskRequest;
import io.berth.shim.v3.CreateTaskResponse;
import io.berth.shim.v3.DeleteRequest;
import io.berth.shim.v3.DeleteResponse;
import io.berth.shim.v3.ExecProcessRequest;
import io.berth.shim.v3.KillRequest;
import io.berth.shim.v3.ShutdownRequest;
import io.berth.shim.v3.StartRequest;
import io.berth.shim.v3.StartResponse;
import io.berth.shim.v3.StateRequest;
import io.berth.shim.v3.StateResponse;
import io.berth.shim.v3.UpdateTaskRequest;
import io.berth.shim.v3.WaitRequest;
import io.berth.shim.v3.WaitResponse;
import io.berth.shimclient.ttrpc.StatusCode;
import io.berth.shimclient.ttrpc.TtrpcException;
import io.berth.shimclient.ttrpc.TtrpcServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * A pod's shim on the wire: it answers as the real ones do. Containers are nothing but the states
 * of their processes; commands in them are processes, which a daemon kills by their pids. It
 * outlives daemons, and can do something in the middle of a call.
 */
final class ShimServer implements Closeable {
    private static final String TASK = "containerd.task.v3.Task";

    private final TtrpcServer server;
    private final Process process;
    private final Map<String, Status> processes = new ConcurrentHashMap<>();
    private final Map<String, Process> commands = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Integer>> ends = new ConcurrentHashMap<>();
    private final Map<String, Queue<Runnable>> during = new ConcurrentHashMap<>();

    private volatile boolean silent;

    /** Listens; by what stands in the bundle a daemon can take it back. */
    ShimServer(Path bundle, Path socket) throws IOException {
        Files.createDirectories(bundle);
        server = TtrpcServer.bind(socket);
        handlers();
        process = process(bundle);
        server.start();
        Files.write(
                bundle.resolve("bootstrap.json"),
                "{\"version\":3,\"address\":\"unix://%s\",\"protocol\":\"ttrpc\"}"
                        .formatted(socket)
                        .getBytes(UTF_8));
    }

    /** Known for a shim by its folder and its arguments; it waits for an end that never comes. */
    private static Process process(Path bundle) throws IOException {
        var id = String.valueOf(bundle.getFileName());
        return new ProcessBuilder("sh", "-c", "read never", "sh", "-id", id)
                .directory(bundle.toFile())
                .start();
    }

    /** From now on it does not tell a daemon who it is, as one that is too busy. */
    void fallSilent() {
        silent = true;
    }

    int pid() {
        return (int) process.pid();
    }

    /** Returns when its process has ended, which it does when it is told to leave. */
    void awaitEnd() {
        process.onExit().join();
    }

    /** A process that runs already: a container's first, or {@code ID/EXEC}. */
    void runs(String name) {
        processes.put(name, Status.RUNNING);
    }

    Status status(String name) {
        return processes.getOrDefault(name, Status.UNKNOWN);
    }

    /** What is done in the middle of the next call of a method that has nothing to do yet. */
    void during(String method, Runnable then) {
        during.computeIfAbsent(method, _ -> new ConcurrentLinkedQueue<>()).add(then);
    }

    private <Q extends MessageLite> void on(
            String method, Parser<Q> request, Function<Q, MessageLite> answer) {
        server.handle(
                TASK,
                method,
                request,
                (asked, _) -> {
                    var answered = answer.apply(asked);
                    during(method);
                    return answered;
                });
    }

    private boolean during(String method) {
        var then = during.getOrDefault(method, new ConcurrentLinkedQueue<>()).poll();
        if (then != null) {
            then.run();
        }
        return then != null;
    }

    private void handlers() {
        on(
                "Connect",
                ConnectRequest.parser(),
                _ -> {
                    during("Connect");
                    if (silent) {
                        throw new TtrpcException.Refused(StatusCode.UNIMPLEMENTED, "not yet");
                    }
                    return ConnectResponse.newBuilder().setShimPid(pid()).build();
                });
        on("State", StateRequest.parser(), this::state);
        on("Wait", WaitRequest.parser(), this::end);
        on("Create", CreateTaskRequest.parser(), this::create);
        on("Exec", ExecProcessRequest.parser(), this::exec);
        on("Start", StartRequest.parser(), this::start);
        on("Kill", KillRequest.parser(), this::kill);
        on("Delete", DeleteRequest.parser(), this::delete);
        on("Update", UpdateTaskRequest.parser(), _ -> Empty.getDefaultInstance());
        on("CloseIO", CloseIORequest.parser(), _ -> Empty.getDefaultInstance());
        on("Shutdown", ShutdownRequest.parser(), this::shutdown);
    }

    private static String name(String id, String execId) {
        return execId.isEmpty() ? id : id + "/" + execId;
    }

    private Status known(String name) {
        var status = processes.get(name);
        if (status == null) {
            throw new TtrpcException.Refused(StatusCode.NOT_FOUND, name + ": not found");
        }
        return status;
    }

    private CompletableFuture<Integer> endOf(String name) {
        return ends.computeIfAbsent(name, _ -> new CompletableFuture<>());
    }

    private MessageLite state(StateRequest asked) {
        var name = name(asked.getId(), asked.getExecId());
        var state = StateResponse.newBuilder().setStatus(known(name));
        var command = commands.get(name);
        return (command == null ? state : state.setPid((int) command.pid())).build();
    }

    /** What is done meanwhile comes first: the end may be far. */
    private MessageLite end(WaitRequest asked) {
        var name = name(asked.getId(), asked.getExecId());
        known(name);
        during("Wait");
        return WaitResponse.newBuilder().setExitStatus(endOf(name).join()).build();
    }

    private MessageLite create(CreateTaskRequest asked) {
        processes.put(asked.getId(), Status.CREATED);
        return CreateTaskResponse.newBuilder().setPid(pid()).build();
    }

    private MessageLite exec(ExecProcessRequest asked) {
        processes.put(name(asked.getId(), asked.getExecId()), Status.CREATED);
        return Empty.getDefaultInstance();
    }

    private void command(String name) {
        try {
            var command = new ProcessBuilder("sh", "-c", "read never").start();
            commands.put(name, command);
            var _ = command.onExit().thenRun(() -> endOf(name).complete(137));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MessageLite start(StartRequest asked) {
        var name = name(asked.getId(), asked.getExecId());
        known(name);
        if (!asked.getExecId().isEmpty()) {
            command(name);
        }
        processes.put(name, Status.RUNNING);
        return StartResponse.newBuilder().setPid(pid()).build();
    }

    /** A signal in the middle of which something is done is one that is not heeded. */
    private MessageLite kill(KillRequest asked) {
        var name = name(asked.getId(), asked.getExecId());
        known(name);
        if (!during("Kill")) {
            processes.put(name, Status.STOPPED);
            endOf(name).complete(137);
        }
        return Empty.getDefaultInstance();
    }

    private MessageLite delete(DeleteRequest asked) {
        var name = name(asked.getId(), asked.getExecId());
        known(name);
        processes.remove(name);
        return DeleteResponse.newBuilder().setExitStatus(137).build();
    }

    /** What is done meanwhile comes first: the death may be seen at once. */
    private MessageLite shutdown(ShutdownRequest asked) {
        during("Shutdown");
        process.destroyForcibly();
        return Empty.getDefaultInstance();
    }

    @Override
    public void close() throws IOException {
        commands.values().forEach(command -> command.destroyForcibly().onExit().join());
        process.destroyForcibly().onExit().join();
        processes.keySet().forEach(name -> endOf(name).complete(0));
        ends.values().forEach(end -> end.complete(0));
        server.close();
    }
}
