package io.berth.shimclient.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.berth.shim.events.Envelope;
import io.berth.shim.events.TaskCheckpointed;
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
import org.junit.jupiter.api.Test;

class EventDecoderTest {
    private static final Instant AT = Instant.parse("2026-11-21T10:00:00.000000007Z");
    private static final Timestamp STAMP =
            Timestamp.newBuilder().setSeconds(AT.getEpochSecond()).setNanos(7).build();

    private static TaskEvent decode(String prefix, Message message)
            throws InvalidProtocolBufferException {
        var event =
                Any.newBuilder()
                        .setTypeUrl(prefix + message.getDescriptorForType().getFullName())
                        .setValue(message.toByteString());
        return EventDecoder.decode(
                Envelope.newBuilder().setTopic("/tasks/x").setEvent(event).build());
    }

    private static void assertDecodes(Message message, TaskEvent wanted)
            throws InvalidProtocolBufferException {
        assertThat(decode("", message)).isEqualTo(wanted);
        assertThat(decode("type.googleapis.com/", message)).isEqualTo(wanted);
    }

    @Test
    void everyKnownEventIsDecodedWithAndWithoutASlash() throws Exception {
        assertDecodes(
                TaskCreate.newBuilder().setContainerId("c").setPid(3).build(),
                new TaskEvent.Created("c", 3));
        assertDecodes(
                TaskStart.newBuilder().setContainerId("c").setPid(3).build(),
                new TaskEvent.Started("c", 3));
        assertDecodes(
                TaskExecAdded.newBuilder().setContainerId("c").setExecId("e").build(),
                new TaskEvent.ExecAdded("c", "e"));
        assertDecodes(
                TaskExecStarted.newBuilder().setContainerId("c").setExecId("e").setPid(4).build(),
                new TaskEvent.ExecStarted("c", "e", 4));
        assertDecodes(TaskOOM.newBuilder().setContainerId("c").build(), new TaskEvent.Oom("c"));
        assertDecodes(
                TaskPaused.newBuilder().setContainerId("c").build(), new TaskEvent.Paused("c"));
        assertDecodes(
                TaskResumed.newBuilder().setContainerId("c").build(), new TaskEvent.Resumed("c"));
        assertDecodes(
                TaskCheckpointed.newBuilder().setContainerId("c").build(),
                new TaskEvent.Other("", "/tasks/x", "containerd.events.TaskCheckpointed"));
    }

    @Test
    void firstProcessHasNoExecId() throws Exception {
        var exit = TaskExit.newBuilder().setContainerId("c").setPid(5).setExitStatus(137);
        exit.setExitedAt(STAMP);
        assertDecodes(exit.setId("c").build(), new TaskEvent.Exit("c", "", 5, 137, AT));
        assertDecodes(exit.setId("e").build(), new TaskEvent.Exit("c", "e", 5, 137, AT));
        var deleted = TaskDelete.newBuilder().setContainerId("c").setPid(5).setExitStatus(1);
        deleted.setExitedAt(STAMP);
        assertDecodes(deleted.build(), new TaskEvent.Deleted("c", "", 5, 1, AT));
        assertDecodes(deleted.setId("c").build(), new TaskEvent.Deleted("c", "", 5, 1, AT));
    }

    @Test
    void bytesThatAreNoSuchMessageAreRefused() {
        var event =
                Any.newBuilder()
                        .setTypeUrl("containerd.events.TaskExit")
                        .setValue(ByteString.copyFrom(new byte[] {(byte) 0xff}));
        assertThatThrownBy(() -> EventDecoder.decode(Envelope.newBuilder().setEvent(event).build()))
                .isInstanceOf(InvalidProtocolBufferException.class);
    }
}
