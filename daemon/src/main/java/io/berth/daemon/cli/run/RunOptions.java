package io.berth.daemon.cli.run;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a pod is to be run.
 *
 * @param detach leaves it running once it is started
 * @param replace stops and removes a pod of that name that runs, too
 * @param logs where logs go and stay; empty keeps them as long as the run
 * @param data where runs keep what is theirs
 */
public record RunOptions(
        Path manifest, boolean detach, boolean replace, Optional<Path> logs, Path data) {}
