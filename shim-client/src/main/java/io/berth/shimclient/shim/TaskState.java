package io.berth.shimclient.shim;

import java.time.Instant;

/**
 * A process as its shim sees it.
 *
 * @param pid 0 before the process exists
 * @param exitStatus meaningful when stopped
 * @param exitedAt the epoch unless stopped
 */
public record TaskState(int pid, Status status, int exitStatus, Instant exitedAt) {
    /** States of a task in the shim's words. */
    public enum Status {
        UNKNOWN,
        CREATED,
        RUNNING,
        STOPPED,
        PAUSED,
        PAUSING
    }
}
