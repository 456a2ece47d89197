package io.berth.sandbox.nri;

import java.time.Duration;

/** Is told of each call of a plugin, for the node's metrics. */
@FunctionalInterface
public interface CallObserver {
    /**
     * A call has ended.
     *
     * @param outcome {@code ok}, {@code refused}, {@code timeout} or {@code closed}
     */
    void called(String plugin, String operation, String outcome, Duration took);
}
