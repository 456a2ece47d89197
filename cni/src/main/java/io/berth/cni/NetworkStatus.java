package io.berth.cni;

import java.time.Instant;

/**
 * Whether pods can get a network, as of {@code sampledAt}.
 *
 * @param ready what the CRI's {@code NetworkReady} condition says
 * @param reason a word for machines when not ready ({@code NetworkPluginNotReady}), else empty
 * @param message what was found and what to do; when ready, empty or the files that were skipped
 * @param sampledAt when this was found out; callers show its age
 */
public record NetworkStatus(boolean ready, String reason, String message, Instant sampledAt) {
    static final String NOT_READY = "NetworkPluginNotReady";

    static NetworkStatus ready(String message, Instant at) {
        return new NetworkStatus(true, "", message, at);
    }

    static NetworkStatus notReady(String message, Instant at) {
        return new NetworkStatus(false, NOT_READY, message, at);
    }
}
