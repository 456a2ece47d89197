package io.berth.shimclient.shim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.berth.shim.events.Envelope;
import io.berth.shim.events.TaskCreate;
import io.berth.shim.events.TaskDelete;
import io.berth.shim.events.TaskExecAdded;
import io.berth.shim.events.TaskExecStarted;
import io.berth.shim.events.TaskExit;
import io.berth.shim.events.TaskOOM;
import io.berth.shim.events.TaskPaused;
import io.berth.shim.events.TaskResumed;
import io.berth.shim.events.TaskStart;
import java.time.Instant;

/** Turns a shim's event into ours. Shims' type urls have no slash, so Any.unpack is of no use. */
final class EventDecoder {
    private EventDecoder() {}

    static TaskEvent decode(Envelope envelope) throws InvalidProtocolBufferException {
        var url = envelope.getEvent().getTypeUrl();
        var type = url.substring(url.lastIndexOf('/') + 1);
        var value = envelope.getEvent().getValue();
        return switch (type) {
            case "containerd.events.TaskCreate" -> {
                var e = TaskCreate.parseFrom(value);
                yield new TaskEvent.Created(e.getContainerId(), e.getPid());
            }
            case "containerd.events.TaskStart" -> {
                var e = TaskStart.parseFrom(value);
                yield new TaskEvent.Started(e.getContainerId(), e.getPid());
            }
            case "containerd.events.TaskExecAdded" -> {
                var e = TaskExecAdded.parseFrom(value);
                yield new TaskEvent.ExecAdded(e.getContainerId(), e.getExecId());
            }
            case "containerd.events.TaskExecStarted" -> {
                var e = TaskExecStarted.parseFrom(value);
                yield new TaskEvent.ExecStarted(e.getContainerId(), e.getExecId(), e.getPid());
            }
            case "containerd.events.TaskExit" -> exit(value);
            case "containerd.events.TaskDelete" -> deleted(value);
            case "containerd.events.TaskOOM" ->
                    new TaskEvent.Oom(TaskOOM.parseFrom(value).getContainerId());
            case "containerd.events.TaskPaused" ->
                    new TaskEvent.Paused(TaskPaused.parseFrom(value).getContainerId());
            case "containerd.events.TaskResumed" ->
                    new TaskEvent.Resumed(TaskResumed.parseFrom(value).getContainerId());
            default -> new TaskEvent.Other("", envelope.getTopic(), type);
        };
    }

    private static TaskEvent exit(ByteString value) throws InvalidProtocolBufferException {
        var e = TaskExit.parseFrom(value);
        return new TaskEvent.Exit(
                e.getContainerId(),
                execId(e.getContainerId(), e.getId()),
                e.getPid(),
                e.getExitStatus(),
                instant(e.getExitedAt()));
    }

    private static TaskEvent deleted(ByteString value) throws InvalidProtocolBufferException {
        var e = TaskDelete.parseFrom(value);
        return new TaskEvent.Deleted(
                e.getContainerId(),
                execId(e.getContainerId(), e.getId()),
                e.getPid(),
                e.getExitStatus(),
                instant(e.getExitedAt()));
    }

    /** Shims name a container's first process by the container's id. */
    private static String execId(String containerId, String processId) {
        return processId.equals(containerId) ? "" : processId;
    }

    static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }
}
