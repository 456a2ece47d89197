package io.berth.daemon.cli.manifest;

import java.nio.file.Path;

/**
 * Where on the host a run keeps what its pod sees.
 *
 * @param logs the pod's log folder
 * @param volumes a folder with one folder for each emptyDir
 * @param hosts the pod's {@code /etc/hosts}
 */
public record Places(Path logs, Path volumes, Path hosts) {

    /** Where an emptyDir is. */
    public Path volume(String name) {
        return volumes.resolve(name);
    }
}
