package io.berth.daemon.cli;

import java.nio.file.Path;
import java.util.Optional;

/** Runs the daemon in this process. */
@FunctionalInterface
public interface DaemonLauncher {

    /**
     * Runs until the daemon is told to end, and returns the process's exit code.
     *
     * @param config the main configuration file; if none is given the default one, which may be
     *     absent
     * @param root replaces the configuration's
     * @param state replaces the configuration's
     */
    int run(Optional<Path> config, Optional<Path> root, Optional<Path> state);
}
