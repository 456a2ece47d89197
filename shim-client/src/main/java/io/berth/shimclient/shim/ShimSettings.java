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
 */
public record ShimSettings(
        String namespace,
        Path grpcSocket,
        Path eventSocket,
        Path publishBinary,
        ShimTimeouts timeouts) {
    public ShimSettings {
        for (var path : new Path[] {grpcSocket, eventSocket, publishBinary}) {
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException(
                        "shim settings: %s, an absolute path wanted".formatted(path));
            }
        }
        if (namespace.isEmpty()) {
            throw new IllegalArgumentException("shim settings: empty namespace; k8s.io wanted");
        }
    }
}
