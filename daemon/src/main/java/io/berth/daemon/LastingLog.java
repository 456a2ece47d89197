package io.berth.daemon;

import java.util.logging.LogManager;

/**
 * Keeps the log open while the daemon ends. The platform's own manager closes every handler in a
 * shutdown hook, beside ours, and what an ending daemon has to say would be lost.
 */
public final class LastingLog extends LogManager {
    /** For the platform, which constructs it by its name. */
    public LastingLog() {}

    /** Makes this the platform's log manager; before anything has logged. */
    public static void install() {
        System.setProperty("java.util.logging.manager", LastingLog.class.getName());
    }

    @Override
    public void reset() {
        // Handlers write to stderr, which needs no closing.
    }
}
