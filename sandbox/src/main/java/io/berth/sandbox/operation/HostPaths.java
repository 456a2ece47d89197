package io.berth.sandbox.operation;

import io.berth.cri.v1.Mount;
import io.berth.cri.v1.MountPropagation;
import io.berth.linux.BlockingCalls;
import io.berth.linux.HostFiles;
import io.berth.linux.MountInfo;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.spec.MountSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Looks at the host paths that a container mounts, and makes those that are missing as folders, as
 * the kubelet's hostPath volumes expect. A path can lie on a file system that hangs: it is touched
 * on bounded threads only, and costs its own container no more than the limit.
 */
public final class HostPaths {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final BlockingCalls calls;
    private final HostFiles files;

    public HostPaths(BlockingCalls calls, HostFiles files) {
        this.calls = calls;
        this.files = files;
    }

    /**
     * What a mount is bound from, made if it is missing; what this has made stays, since other pods
     * may use it by then.
     */
    MountSource ensure(String container, Mount mount) throws IOException {
        var path = absolute(mount.getHostPath());
        return Operations.step(
                "hostpath.create",
                path.toString(),
                () ->
                        calls.call(
                                "host paths",
                                "container %s: %s".formatted(container, path),
                                LIMIT,
                                () -> look(path, mount.getPropagation())));
    }

    /** A relative path would be made below wherever the daemon happens to stand. */
    private static Path absolute(String path) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new SandboxException.InvalidRequest(
                    "config.mounts: found host_path '%s', wanted an absolute path".formatted(path));
        }
        return Path.of(path);
    }

    private MountSource look(Path path, MountPropagation propagation) throws IOException {
        if (!Files.exists(path)) {
            files.createDirectories(path, 0755);
        }
        var real = path.toRealPath();
        return propagation == MountPropagation.PROPAGATION_PRIVATE
                ? new MountSource(real, Optional.empty())
                : MountSource.at(real, MountInfo.read());
    }
}
