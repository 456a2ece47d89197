package io.berth.e2e.bench;

import io.berth.e2e.node.NodeConfig;
import io.berth.e2e.run.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** What figures depend on beside the contenders, in words. */
final class Machine {
    private static final Duration SOON = Duration.ofSeconds(10);

    private Machine() {}

    /** When and where; the load is that of the minutes before. */
    static List<String> describe() throws IOException {
        var runc = NodeConfig.newerRunc().map(Path::toString).orElse("runc");
        return List.of(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                "kernel " + System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors() + " CPUs",
                Command.need(SOON, runc, "--version").lines().findFirst().orElse(runc),
                "load " + load());
    }

    /** Processes that want a CPU, as means of 1, 5 and 15 minutes. */
    static String load() throws IOException {
        var fields = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
        return String.join(" ", fields[0], fields[1], fields[2]);
    }
}
