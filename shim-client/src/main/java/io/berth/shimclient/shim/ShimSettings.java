package io.berth.shimclient.shim;

import java.nio.file.Path;

/**
 * What every shim of this daemon is told.
 *
 * @param namespace the runtime namespace, {@code k8s.io}
 * @param grpcSocket the daemon's main socket; shims derive the name of their own from it, so it
 *     must stay the same over restarts
 * @param eventSocket where shims send events by TTRPC
 * @param publishBinary program that shims without TTRPC events run once an event
 * @param timeouts see there
 * @param socketFolder where shims listen; compiled into the shims
 */
public record ShimSettings(
        String namespace,
        Path grpcSocket,
        Path eventSocket,
        Path publishBinary,
        ShimTimeouts timeouts,
        Path socketFolder) {
    public ShimSettings {
        for (var path : new Path[] {grpcSocket, eventSocket, publishBinary, socketFolder}) {
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException(
                        "shim settings: %s, an absolute path wanted".formatted(path));
            }
        }
        if (namespace.isEmpty()) {
            throw new IllegalArgumentException("shim settings: empty namespace; k8s.io wanted");
        }
    }

    /** Settings for shims that listen where containerd's shims do. */
    public ShimSettings(
            String namespace,
            Path grpcSocket,
            Path eventSocket,
            Path publishBinary,
            ShimTimeouts timeouts) {
        this(namespace, grpcSocket, eventSocket, publishBinary, timeouts, ShimSocket.DIRECTORY);
    }
}
