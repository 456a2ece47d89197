package io.berth.shimclient.shim;

import java.time.Instant;

/**
 * Something a shim said, or that was seen of it. Events of one shim arrive in its order; one may
 * arrive twice (after a restart), and an exit may arrive before the start call has answered.
 *
 * <p>{@code execId} is empty for a container's first process.
 */
public sealed interface TaskEvent {
    /** The container it is about; for {@link Lost} the sandbox. */
    String containerId();

    record Created(String containerId, int pid) implements TaskEvent {}

    record Started(String containerId, int pid) implements TaskEvent {}

    record ExecAdded(String containerId, String execId) implements TaskEvent {}

    record ExecStarted(String containerId, String execId, int pid) implements TaskEvent {}

    /** A process has ended; {@code status} is its exit code, or 128 + signal. */
    record Exit(String containerId, String execId, int pid, int status, Instant at)
            implements TaskEvent {}

    record Deleted(String containerId, String execId, int pid, int status, Instant at)
            implements TaskEvent {}

    /** The kernel killed something in the container's cgroup for lack of memory. */
    record Oom(String containerId) implements TaskEvent {}

    record Paused(String containerId) implements TaskEvent {}

    record Resumed(String containerId) implements TaskEvent {}

    /** The shim's process is gone without a shutdown of ours: its tasks are nobody's now. */
    record Lost(String containerId, int shimPid) implements TaskEvent {}

    /** An event that this version does not know. */
    record Other(String containerId, String topic, String typeName) implements TaskEvent {}
}
