package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import io.berth.shim.types.Mount;
import io.berth.shim.types.ProcessInfo;
import io.berth.shim.v3.CheckpointTaskRequest;
import io.berth.shim.v3.CloseIORequest;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A shim by either version of the Task service: their messages are the same field for field (a test
 * of cri-api holds them together), only the service's name differs.
 */
final class TaskShim implements Shim {
    private static final Duration SHUTDOWN_GRACE = Duration.ofMillis(50);

    private final String id;
    private final int pid;
    private final ShimLink link;
    private final ShimSettings settings;
    private final Ending ending;

    /** What {@link Shims} does around the end of a shim. */
    interface Ending {
        /** A death from now on is no loss, or is one again. */
        void expected(boolean expected);

        /** Its process is gone: remove what it left outside its bundle. */
        void sweep();

        /** This object is of no more use. */
        void released();
    }

    TaskShim(String id, int pid, ShimLink link, ShimSettings settings, Ending ending) {
        this.id = id;
        this.pid = pid;
        this.link = link;
        this.settings = settings;
        this.ending = ending;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public int shimPid() {
        return pid;
    }

    @Override
    public String address() {
        return link.bootstrap().address();
    }

    @Override
    public TaskApi version() {
        return link.bootstrap().version();
    }

    @Override
    public boolean isAlive() {
        return link.isAlive();
    }

    @Override
    public int create(TaskRequest request) {
        var message =
                CreateTaskRequest.newBuilder()
                        .setId(request.id())
                        .setBundle(request.bundle().toString())
                        .addAllRootfs(request.rootfs().stream().map(TaskShim::mount).toList())
                        .setTerminal(request.io().terminal())
                        .setStdin(request.io().stdin())
                        .setStdout(request.io().stdout())
                        .setStderr(request.io().stderr())
                        .setCheckpoint(request.checkpoint());
        if (!request.options().getTypeUrl().isEmpty()) {
            message.setOptions(request.options());
        }
        return link.call(
                        TaskMethod.CREATE,
                        request.id(),
                        message.build(),
                        CreateTaskResponse.parser())
                .getPid();
    }

    private static Mount mount(RootfsMount mount) {
        return Mount.newBuilder()
                .setType(mount.type())
                .setSource(mount.source())
                .addAllOptions(mount.options())
                .build();
    }

    @Override
    public int start(String id) {
        return startExec(id, "");
    }

    @Override
    public int startExec(String id, String execId) {
        var message = StartRequest.newBuilder().setId(id).setExecId(execId).build();
        return link.call(TaskMethod.START, name(id, execId), message, StartResponse.parser())
                .getPid();
    }

    @Override
    public void kill(String id, String execId, int signal, boolean all) {
        var message =
                KillRequest.newBuilder()
                        .setId(id)
                        .setExecId(execId)
                        .setSignal(signal)
                        .setAll(all)
                        .build();
        link.call(TaskMethod.KILL, name(id, execId), message, Empty.parser());
    }

    @Override
    public TaskExit waitFor(String id, String execId) {
        var message = WaitRequest.newBuilder().setId(id).setExecId(execId).build();
        var answer =
                link.callWithoutDeadline("Wait", name(id, execId), message, WaitResponse.parser());
        return new TaskExit(answer.getExitStatus(), EventDecoder.instant(answer.getExitedAt()));
    }

    @Override
    public DeletedTask delete(String id, String execId) {
        var message = DeleteRequest.newBuilder().setId(id).setExecId(execId).build();
        return deleted(
                link.call(TaskMethod.DELETE, name(id, execId), message, DeleteResponse.parser()));
    }

    /** Shims give a process that never ran the pid 0 or -1. */
    static DeletedTask deleted(DeleteResponse answer) {
        return new DeletedTask(
                Math.max(0, answer.getPid()),
                answer.getExitStatus(),
                EventDecoder.instant(answer.getExitedAt()));
    }

    @Override
    public TaskState state(String id, String execId) {
        var message = StateRequest.newBuilder().setId(id).setExecId(execId).build();
        var answer = link.call(TaskMethod.STATE, name(id, execId), message, StateResponse.parser());
        var status =
                switch (answer.getStatus()) {
                    case CREATED -> TaskState.Status.CREATED;
                    case RUNNING -> TaskState.Status.RUNNING;
                    case STOPPED -> TaskState.Status.STOPPED;
                    case PAUSED -> TaskState.Status.PAUSED;
                    case PAUSING -> TaskState.Status.PAUSING;
                    case UNKNOWN, UNRECOGNIZED -> TaskState.Status.UNKNOWN;
                };
        return new TaskState(
                Math.max(0, answer.getPid()),
                status,
                answer.getExitStatus(),
                EventDecoder.instant(answer.getExitedAt()));
    }

    @Override
    public void exec(String id, String execId, ExecRequest request) {
        var message =
                ExecProcessRequest.newBuilder()
                        .setId(id)
                        .setExecId(execId)
                        .setTerminal(request.io().terminal())
                        .setStdin(request.io().stdin())
                        .setStdout(request.io().stdout())
                        .setStderr(request.io().stderr())
                        .setSpec(OciAny.process(request.processJson()))
                        .build();
        link.call(TaskMethod.EXEC, name(id, execId), message, Empty.parser());
    }

    @Override
    public void resize(String id, String execId, int width, int height) {
        var message =
                ResizePtyRequest.newBuilder()
                        .setId(id)
                        .setExecId(execId)
                        .setWidth(width)
                        .setHeight(height)
                        .build();
        link.call(TaskMethod.RESIZE, name(id, execId), message, Empty.parser());
    }

    @Override
    public void closeIo(String id, String execId) {
        var message =
                CloseIORequest.newBuilder().setId(id).setExecId(execId).setStdin(true).build();
        link.call(TaskMethod.CLOSE_IO, name(id, execId), message, Empty.parser());
    }

    @Override
    public List<Integer> pids(String id) {
        var message = PidsRequest.newBuilder().setId(id).build();
        return link
                .call(TaskMethod.PIDS, id, message, PidsResponse.parser())
                .getProcessesList()
                .stream()
                .map(ProcessInfo::getPid)
                .toList();
    }

    @Override
    public void update(String id, Any resources, Map<String, String> annotations) {
        var message =
                UpdateTaskRequest.newBuilder()
                        .setId(id)
                        .setResources(resources)
                        .putAllAnnotations(annotations)
                        .build();
        link.call(TaskMethod.UPDATE, id, message, Empty.parser());
    }

    @Override
    public void pause(String id) {
        var message = PauseRequest.newBuilder().setId(id).build();
        link.call(TaskMethod.PAUSE, id, message, Empty.parser());
    }

    @Override
    public void resume(String id) {
        var message = ResumeRequest.newBuilder().setId(id).build();
        link.call(TaskMethod.RESUME, id, message, Empty.parser());
    }

    @Override
    public void checkpoint(String id, Path images, Any options, Duration timeout) {
        var message = CheckpointTaskRequest.newBuilder().setId(id).setPath(images.toString());
        if (!options.getTypeUrl().isEmpty()) {
            message.setOptions(options);
        }
        link.call(TaskMethod.CHECKPOINT, id, message.build(), Empty.parser(), timeout);
    }

    @Override
    public void shutdown() {
        ending.expected(true);
        var refusal = askToLeave();
        var patience = refusal.isPresent() ? SHUTDOWN_GRACE : settings.timeouts().shutdown();
        if (link.isAlive() && !link.awaitDeath(patience)) {
            ending.expected(false);
            throw refusal.orElseGet(
                    () ->
                            new ShimException.Failed(
                                    "shim %s: still there %s after shutdown; it has tasks or hangs"
                                            .formatted(id, patience),
                                    null));
        }
        ending.sweep();
        close();
    }

    /** Some shims leave before they have answered: their death is the answer. */
    private Optional<ShimException> askToLeave() {
        try {
            var message = ShutdownRequest.newBuilder().setId(id).build();
            link.call(TaskMethod.SHUTDOWN, id, message, Empty.parser());
            return Optional.empty();
        } catch (ShimException.ShimLost left) {
            return Optional.empty();
        } catch (ShimException e) {
            return Optional.of(e);
        }
    }

    @Override
    public void close() {
        link.close();
        ending.released();
    }

    private static String name(String id, String execId) {
        return execId.isEmpty() ? id : id + "/" + execId;
    }
}
