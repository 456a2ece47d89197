package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.berth.shim.types.ProcessInfo;
import io.berth.shim.v3.CheckpointTaskRequest;
import io.berth.shim.v3.CloseIORequest;
import io.berth.shim.v3.ConnectRequest;
import io.berth.shim.v3.ConnectResponse;
import io.berth.shim.v3.CreateTaskRequest;
import io.berth.shim.v3.CreateTaskResponse;
import io.berth.shim.v3.DeleteRequest;
import io.berth.shim.v3.DeleteResponse;
import io.berth.shim.v3.ExecProcessRequest;
import io.berth.shim.v3.KillRequest;
import io.berth.shim.v3.PauseRequest;
import io.berth.shim.v3.PidsRequest;
import io.berth.shim.v3.PidsResponse;
import io.berth.shim.v3.ResizePtyRequest;
import io.berth.shim.v3.ResumeRequest;
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
import io.berth.shimclient.ttrpc.TtrpcMethods;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** The Task service of a scripted shim, and its tasks. */
final class ScriptedService {
    private static final String TASK = "containerd.task.v3.Task";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ScriptedPodShim shim;
    private final ScriptedShims shims;
    private final ScriptedEvents events;
    private final Map<String, ScriptedTask> tasks = new ConcurrentSkipListMap<>();
    private final Map<String, List<String>> updates = new ConcurrentHashMap<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();

    ScriptedService(ScriptedPodShim shim, ScriptedShims shims, ScriptedEvents events) {
        this.shim = shim;
        this.shims = shims;
        this.events = events;
    }

    Map<String, ScriptedTask> tasks() {
        return tasks;
    }

    List<String> calls() {
        return List.copyOf(calls);
    }

    List<String> updates(String taskId) {
        return List.copyOf(updates.getOrDefault(taskId, List.of()));
    }

    /** Forgets a task whatever it does, as the program's {@code delete} does. */
    void clear(String taskId) {
        for (var name : List.copyOf(tasks.keySet())) {
            if (name.equals(taskId) || name.startsWith(taskId + "/")) {
                var task = tasks.remove(name);
                if (task != null) {
                    task.kill();
                }
            }
        }
        shims.forgetCgroup(taskId);
    }

    private <Q extends MessageLite> void on(
            TtrpcMethods methods,
            String method,
            Parser<Q> request,
            Function<Q, String> subject,
            Function<Q, MessageLite> answer) {
        methods.handle(
                TASK,
                method,
                request,
                (asked, _) -> {
                    shim.awaitGoing();
                    var name = subject.apply(asked);
                    calls.add(method + " " + name);
                    shims.script().meet(method, name, ShimScript.Moment.BEFORE, Optional.of(shim));
                    shim.script().meet(method, name, ShimScript.Moment.BEFORE, Optional.of(shim));
                    var answered = answer.apply(asked);
                    shim.script().meet(method, name, ShimScript.Moment.AFTER, Optional.of(shim));
                    shims.script().meet(method, name, ShimScript.Moment.AFTER, Optional.of(shim));
                    shim.awaitGoing();
                    return answered;
                });
    }

    TtrpcMethods methods() {
        var methods = new TtrpcMethods(shim.socket().toString());
        on(
                methods,
                "Connect",
                ConnectRequest.parser(),
                ConnectRequest::getId,
                _ -> ConnectResponse.newBuilder().setShimPid(shim.pid()).build());
        on(
                methods,
                "State",
                StateRequest.parser(),
                q -> name(q.getId(), q.getExecId()),
                this::state);
        on(methods, "Wait", WaitRequest.parser(), q -> name(q.getId(), q.getExecId()), this::end);
        on(methods, "Create", CreateTaskRequest.parser(), CreateTaskRequest::getId, this::create);
        on(
                methods,
                "Exec",
                ExecProcessRequest.parser(),
                q -> name(q.getId(), q.getExecId()),
                this::exec);
        on(
                methods,
                "Start",
                StartRequest.parser(),
                q -> name(q.getId(), q.getExecId()),
                this::start);
        on(methods, "Kill", KillRequest.parser(), q -> name(q.getId(), q.getExecId()), this::kill);
        on(
                methods,
                "Delete",
                DeleteRequest.parser(),
                q -> name(q.getId(), q.getExecId()),
                this::delete);
        others(methods);
        return methods;
    }

    private void others(TtrpcMethods methods) {
        on(methods, "Pids", PidsRequest.parser(), PidsRequest::getId, this::pids);
        on(methods, "Update", UpdateTaskRequest.parser(), UpdateTaskRequest::getId, this::update);
        on(
                methods,
                "CloseIO",
                CloseIORequest.parser(),
                q -> name(q.getId(), q.getExecId()),
                this::closeIo);
        on(
                methods,
                "ResizePty",
                ResizePtyRequest.parser(),
                q -> name(q.getId(), q.getExecId()),
                q -> only(name(q.getId(), q.getExecId())));
        on(
                methods,
                "Pause",
                PauseRequest.parser(),
                PauseRequest::getId,
                q -> pause(q.getId(), true));
        on(
                methods,
                "Resume",
                ResumeRequest.parser(),
                ResumeRequest::getId,
                q -> pause(q.getId(), false));
        on(
                methods,
                "Checkpoint",
                CheckpointTaskRequest.parser(),
                CheckpointTaskRequest::getId,
                q -> only(q.getId()));
        on(
                methods,
                "Shutdown",
                ShutdownRequest.parser(),
                ShutdownRequest::getId,
                _ -> shim.shutdown());
    }

    private static String name(String id, String execId) {
        return execId.isEmpty() ? id : id + "/" + execId;
    }

    ScriptedTask known(String name) {
        var task = tasks.get(name);
        if (task == null) {
            throw new TtrpcException.Refused(StatusCode.NOT_FOUND, name + ": not found");
        }
        return task;
    }

    private MessageLite only(String name) {
        var _ = known(name);
        return Empty.getDefaultInstance();
    }

    private static JsonNode json(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String name, TaskIo io, JsonNode process, String taskId) {
        if (tasks.containsKey(name)) {
            throw new TtrpcException.Refused(StatusCode.ALREADY_EXISTS, name + ": already exists");
        }
        var arguments = new ArrayList<String>();
        process.path("args").forEach(it -> arguments.add(it.asText()));
        var program = shims.programs().apply(arguments);
        if (program.getFirst().startsWith("/") && !ScriptedTask.isThere(program.getFirst())) {
            throw new TtrpcException.Refused(
                    StatusCode.UNKNOWN,
                    "exec: \"%s\": no such file or directory".formatted(program.getFirst()));
        }
        boolean lost = shims.script().losesNextEnd() || shim.script().losesNextEnd();
        tasks.put(
                name, new ScriptedTask(name, io, program, lost, () -> exited(taskId, name, lost)));
    }

    private MessageLite create(CreateTaskRequest asked) {
        JsonNode config;
        try {
            config = json(Files.readAllBytes(Path.of(asked.getBundle(), "config.json")));
        } catch (IOException e) {
            throw new TtrpcException.Refused(StatusCode.UNKNOWN, "config.json: " + e.getMessage());
        }
        var io =
                new TaskIo(
                        asked.getStdin(),
                        asked.getStdout(),
                        asked.getTerminal() ? "" : asked.getStderr(),
                        asked.getTerminal());
        var task = asked.getId();
        add(task, io, config.path("process"), task);
        int taskPid = known(task).pid();
        shims.cgroup(task, config.path("linux").path("cgroupsPath").asText(), List.of(taskPid));
        events.created(task, taskPid);
        return CreateTaskResponse.newBuilder().setPid(taskPid).build();
    }

    private void exited(String taskId, String name, boolean lost) {
        var task = tasks.get(name);
        if (task == null) {
            return;
        }
        if (taskId.equals(name)) {
            shims.cgroup(taskId, List.of());
        }
        if (!lost) {
            events.exited(taskId, processId(name), task);
        }
    }

    private static String processId(String name) {
        return name.substring(name.indexOf('/') + 1);
    }

    private MessageLite exec(ExecProcessRequest asked) {
        var _ = known(asked.getId());
        var io =
                new TaskIo(
                        asked.getStdin(),
                        asked.getStdout(),
                        asked.getTerminal() ? "" : asked.getStderr(),
                        asked.getTerminal());
        var name = name(asked.getId(), asked.getExecId());
        Any spec = asked.getSpec();
        add(name, io, json(spec.getValue().toByteArray()), asked.getId());
        events.execAdded(asked.getId(), asked.getExecId());
        return Empty.getDefaultInstance();
    }

    private MessageLite start(StartRequest asked) {
        var task = known(name(asked.getId(), asked.getExecId()));
        task.start();
        if (asked.getExecId().isEmpty()) {
            events.started(asked.getId(), task.pid());
        } else {
            events.execStarted(asked.getId(), asked.getExecId(), task.pid());
        }
        return StartResponse.newBuilder().setPid(task.pid()).build();
    }

    private MessageLite state(StateRequest asked) {
        var task = known(name(asked.getId(), asked.getExecId()));
        var state = StateResponse.newBuilder().setPid(task.pid()).setStatus(task.status());
        if (task.exit().isDone()) {
            var exit = task.exit().join();
            state.setExitStatus(exit.code()).setExitedAt(ScriptedEvents.timestamp(exit.at()));
        }
        return state.build();
    }

    private MessageLite end(WaitRequest asked) {
        var exit = known(name(asked.getId(), asked.getExecId())).exit();
        try {
            var known = exit.get();
            return WaitResponse.newBuilder()
                    .setExitStatus(known.code())
                    .setExitedAt(ScriptedEvents.timestamp(known.at()))
                    .build();
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new TtrpcException.Refused(StatusCode.CANCELLED, "the client has left");
        }
    }

    private MessageLite kill(KillRequest asked) {
        known(name(asked.getId(), asked.getExecId())).signal(asked.getSignal());
        if (asked.getAll() && ScriptedTask.kills(asked.getSignal())) {
            tasks.forEach(
                    (name, task) -> {
                        if (name.startsWith(asked.getId() + "/")) {
                            task.kill();
                        }
                    });
        }
        return Empty.getDefaultInstance();
    }

    private MessageLite delete(DeleteRequest asked) {
        var name = name(asked.getId(), asked.getExecId());
        var task = known(name);
        if (!task.exit().isDone() && task.status() != io.berth.shim.types.Status.CREATED) {
            throw new TtrpcException.Refused(
                    StatusCode.FAILED_PRECONDITION, name + ": cannot delete a running process");
        }
        task.kill();
        var exit = task.exit().join();
        tasks.remove(name);
        if (asked.getExecId().isEmpty()) {
            shims.forgetCgroup(name);
        }
        events.deleted(asked.getId(), processId(name), task);
        return DeleteResponse.newBuilder()
                .setPid(task.pid())
                .setExitStatus(exit.code())
                .setExitedAt(ScriptedEvents.timestamp(exit.at()))
                .build();
    }

    private MessageLite pids(PidsRequest asked) {
        var answer = PidsResponse.newBuilder();
        var _ = known(asked.getId());
        tasks.forEach(
                (name, task) -> {
                    boolean its =
                            name.equals(asked.getId()) || name.startsWith(asked.getId() + "/");
                    if (its && !task.exit().isDone()) {
                        answer.addProcesses(ProcessInfo.newBuilder().setPid(task.pid()));
                    }
                });
        return answer.build();
    }

    private MessageLite update(UpdateTaskRequest asked) {
        var _ = known(asked.getId());
        updates.computeIfAbsent(asked.getId(), _ -> new CopyOnWriteArrayList<>())
                .add(new String(asked.getResources().getValue().toByteArray(), UTF_8));
        return Empty.getDefaultInstance();
    }

    private MessageLite closeIo(CloseIORequest asked) {
        known(name(asked.getId(), asked.getExecId())).closeStdin();
        return Empty.getDefaultInstance();
    }

    private MessageLite pause(String taskId, boolean now) {
        known(taskId).paused(now);
        return Empty.getDefaultInstance();
    }
}
