package io.berth.cni;

import io.berth.linux.MarkedProcesses;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * Plugins of a daemon that was killed. They go on, with what they run, and carry the pod's id in
 * their environment: DEL must not overtake them, since what they add after it stays.
 */
final class OrphanedPlugins {
    private static final Logger LOG = System.getLogger(OrphanedPlugins.class.getName());

    private OrphanedPlugins() {}

    /** Returns when none of the pod's runs; those that still do after {@code grace} are killed. */
    static void end(String sandboxId, Duration grace) throws IOException {
        var ended = new MarkedProcesses(PluginCall.ID_VARIABLE, sandboxId).end(grace, grace);
        if (ended.count() > 0) {
            LOG.log(
                    Level.WARNING,
                    "sandbox={0} {1} plugin processes of an earlier daemon waited for; killed: {2}",
                    sandboxId,
                    Integer.toString(ended.count()),
                    ended.killed().isEmpty() ? "none" : String.join(", ", ended.killed()));
        }
    }
}
