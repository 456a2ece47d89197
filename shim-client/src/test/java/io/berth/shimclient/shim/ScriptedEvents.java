package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import io.berth.shim.events.Envelope;
import io.berth.shim.events.ForwardRequest;
import io.berth.shim.events.TaskCreate;
import io.berth.shim.events.TaskDelete;
import io.berth.shim.events.TaskExecAdded;
import io.berth.shim.events.TaskExecStarted;
import io.berth.shim.events.TaskOOM;
import io.berth.shim.events.TaskStart;
import io.berth.shimclient.ttrpc.TtrpcClient;
import io.berth.shimclient.ttrpc.TtrpcException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** Sends a scripted shim's events in order, and drops those that nobody listens for. */
final class ScriptedEvents {
    private static final System.Logger LOG = System.getLogger(ScriptedEvents.class.getName());
    private static final String SERVICE = "containerd.services.events.ttrpc.v1.Events";

    private final Path socket;
    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final Thread sender;

    ScriptedEvents(Path socket) {
        this.socket = socket;
        this.sender = Thread.ofVirtual().name("scripted-events").start(this::send);
    }

    private void send() {
        try {
            while (true) {
                queue.take().run();
            }
        } catch (InterruptedException closed) {
            return;
        }
    }

    private void send(String topic, String type, MessageLite event) {
        var now = Instant.now();
        var envelope =
                Envelope.newBuilder()
                        .setTimestamp(
                                Timestamp.newBuilder()
                                        .setSeconds(now.getEpochSecond())
                                        .setNanos(now.getNano()))
                        .setNamespace("k8s.io")
                        .setTopic(topic)
                        .setEvent(Any.newBuilder().setTypeUrl(type).setValue(event.toByteString()))
                        .build();
        queue.add(() -> forward(envelope));
    }

    void created(String containerId, int pid) {
        var event = TaskCreate.newBuilder().setContainerId(containerId).setPid(pid).build();
        send("/tasks/create", "containerd.events.TaskCreate", event);
    }

    void started(String containerId, int pid) {
        var event = TaskStart.newBuilder().setContainerId(containerId).setPid(pid).build();
        send("/tasks/start", "containerd.events.TaskStart", event);
    }

    void execAdded(String containerId, String execId) {
        var event =
                TaskExecAdded.newBuilder().setContainerId(containerId).setExecId(execId).build();
        send("/tasks/exec-added", "containerd.events.TaskExecAdded", event);
    }

    void execStarted(String containerId, String execId, int pid) {
        var event =
                TaskExecStarted.newBuilder()
                        .setContainerId(containerId)
                        .setExecId(execId)
                        .setPid(pid)
                        .build();
        send("/tasks/exec-started", "containerd.events.TaskExecStarted", event);
    }

    void exited(String containerId, String processId, ScriptedTask task) {
        var exit = task.exit().join();
        var event =
                io.berth.shim.events.TaskExit.newBuilder()
                        .setContainerId(containerId)
                        .setId(processId)
                        .setPid(task.pid())
                        .setExitStatus(exit.code())
                        .setExitedAt(timestamp(exit.at()))
                        .build();
        send("/tasks/exit", "containerd.events.TaskExit", event);
    }

    void deleted(String containerId, String processId, ScriptedTask task) {
        var exit = task.exit().join();
        var event =
                TaskDelete.newBuilder()
                        .setContainerId(containerId)
                        .setId(processId)
                        .setPid(task.pid())
                        .setExitStatus(exit.code())
                        .setExitedAt(timestamp(exit.at()))
                        .build();
        send("/tasks/delete", "containerd.events.TaskDelete", event);
    }

    void outOfMemory(String containerId) {
        var event = TaskOOM.newBuilder().setContainerId(containerId).build();
        send("/tasks/oom", "containerd.events.TaskOOM", event);
    }

    static Timestamp timestamp(Instant at) {
        return Timestamp.newBuilder()
                .setSeconds(at.getEpochSecond())
                .setNanos(at.getNano())
                .build();
    }

    private void forward(Envelope envelope) {
        try (var client = TtrpcClient.connect(socket, Map.of())) {
            client.call(
                    SERVICE,
                    "Forward",
                    ForwardRequest.newBuilder().setEnvelope(envelope).build(),
                    Empty.parser(),
                    Duration.ofSeconds(5));
        } catch (TtrpcException nobody) {
            LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", socket, nobody.getMessage());
        }
    }

    /** Waits until what was sent so far is out. */
    void flush() {
        var sent = new CountDownLatch(1);
        queue.add(sent::countDown);
        try {
            sent.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void close() {
        sender.interrupt();
    }
}
