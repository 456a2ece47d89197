package io.berth.imageservice.registry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How registries are spoken to.
 *
 * @param configPaths folders in containerd's certs.d layout; the first that knows a registry wins
 * @param dialTimeout limit for a connection to stand, unless a hosts.toml says otherwise
 * @param answerTimeout limit from a request to the head of its answer
 * @param attempts how often one host is asked for one thing before the next is tried
 * @param backoff pause before the second attempt; doubled for each further one
 * @param rate how slow a body may come before its connection is given up
 * @param userAgent sent with every request
 */
public record RegistrySettings(
        List<Path> configPaths,
        Duration dialTimeout,
        Duration answerTimeout,
        int attempts,
        Duration backoff,
        Rate rate,
        String userAgent) {

    /**
     * The fewest bytes that a connection must bring in each stretch of time spent waiting for it.
     */
    public record Rate(Duration window, long minimumBytes) {}

    /** Copies the list and checks the number of attempts. */
    public RegistrySettings {
        configPaths = List.copyOf(configPaths);
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts: found " + attempts + ", wanted >= 1");
        }
    }

    /** The values that a node starts with, reading {@code configPaths}. */
    public static RegistrySettings of(List<Path> configPaths) {
        return new RegistrySettings(
                configPaths,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                3,
                Duration.ofMillis(300),
                new Rate(Duration.ofSeconds(30), 4096),
                "berth");
    }
}
