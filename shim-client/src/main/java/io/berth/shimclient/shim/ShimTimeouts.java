package io.berth.shimclient.shim;

import java.time.Duration;

/**
 * How long each thing may take before it counts as hung.
 *
 * @param start the {@code start} binary, up to its answer
 * @param connect first answer of a shim that has said where it listens, or of one found again
 * @param create create and its mounts, hooks and devices
 * @param run start of a task or exec
 * @param quick calls that the shim answers by itself: state, pids, kill, resize, closeIO
 * @param delete delete of a task or exec, with its unmounts
 * @param shutdown from the shutdown call to the end of the process
 * @param forceDelete the {@code delete} binary
 */
public record ShimTimeouts(
        Duration start,
        Duration connect,
        Duration create,
        Duration run,
        Duration quick,
        Duration delete,
        Duration shutdown,
        Duration forceDelete) {
    public static final ShimTimeouts DEFAULT =
            new ShimTimeouts(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30));

    public ShimTimeouts {
        for (var timeout :
                new Duration[] {
                    start, connect, create, run, quick, delete, shutdown, forceDelete
                }) {
            if (!timeout.isPositive()) {
                throw new IllegalArgumentException(
                        "shim timeouts: %s, more than zero wanted".formatted(timeout));
            }
        }
    }
}
