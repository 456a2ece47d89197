package io.berth.shimclient.shim;

import java.time.Duration;
import java.util.function.Function;

/** Methods of the Task service: whether they change anything, and which timeout is theirs. */
@SuppressWarnings("ImmutableEnumChecker") // method references to a record hold nothing
enum TaskMethod {
    CREATE("Create", true, ShimTimeouts::create),
    START("Start", true, ShimTimeouts::run),
    KILL("Kill", true, ShimTimeouts::quick),
    DELETE("Delete", true, ShimTimeouts::delete),
    EXEC("Exec", true, ShimTimeouts::quick),
    RESIZE("ResizePty", true, ShimTimeouts::quick),
    CLOSE_IO("CloseIO", true, ShimTimeouts::quick),
    PAUSE("Pause", true, ShimTimeouts::run),
    RESUME("Resume", true, ShimTimeouts::run),
    CHECKPOINT("Checkpoint", true, ShimTimeouts::run),
    UPDATE("Update", true, ShimTimeouts::run),
    SHUTDOWN("Shutdown", true, ShimTimeouts::shutdown),
    STATE("State", false, ShimTimeouts::quick),
    PIDS("Pids", false, ShimTimeouts::quick),
    CONNECT("Connect", false, ShimTimeouts::connect);

    private final String wireName;
    private final boolean changes;
    private final Function<ShimTimeouts, Duration> timeout;

    TaskMethod(String wireName, boolean changes, Function<ShimTimeouts, Duration> timeout) {
        this.wireName = wireName;
        this.changes = changes;
        this.timeout = timeout;
    }

    String wireName() {
        return wireName;
    }

    boolean changes() {
        return changes;
    }

    Duration timeout(ShimTimeouts timeouts) {
        return timeout.apply(timeouts);
    }
}
