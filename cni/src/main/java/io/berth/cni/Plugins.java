package io.berth.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.ProcessOutputLimit;
import io.berth.linux.ProcessTimeout;
import io.berth.linux.Processes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Finds plugin binaries and executes them: an exact environment, one JSON object in, at most {@link
 * #MAX_OUTPUT_BYTES} out, and a deadline after which the plugin is killed.
 */
final class Plugins {
    /** Of stdout and of stderr, each. */
    static final int MAX_OUTPUT_BYTES = 1 << 20;

    /** Plugins look up iptables, ebtables and the like. */
    static final String SEARCH_PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** A binary that is being installed is "text file busy"; so often it is tried again. */
    private static final int BUSY_ATTEMPTS = 10;

    private static final Duration BUSY_PAUSE = Duration.ofMillis(200);

    private final List<Path> folders;
    private final CniTimeouts timeouts;
    private final Processes processes;

    Plugins(CniConfig config, Processes processes) {
        this.folders = config.binDirs();
        this.timeouts = config.timeouts();
        this.processes = processes;
    }

    /**
     * The binary of a plugin.
     *
     * @throws CniException.PluginMissing none of the folders has it
     */
    Path find(String subject, String plugin) {
        String unusable = "";
        for (var folder : folders) {
            var binary = folder.resolve(plugin);
            if (Files.isRegularFile(binary) && Files.isExecutable(binary)) {
                return binary;
            }
            if (Files.exists(binary)) {
                unusable = " (%s is not an executable file)".formatted(binary);
            }
        }
        throw new CniException.PluginMissing(
                plugin,
                "%s: plugin %s: found in none of %s%s; install it (Debian: package %s)"
                        .formatted(
                                subject,
                                plugin,
                                folders.stream()
                                        .map(Path::toString)
                                        .collect(Collectors.joining(", ")),
                                unusable,
                                "containernetworking-plugins"));
    }

    /**
     * Finds every plugin of a network, the ones that manage addresses too, before any of them runs.
     *
     * @throws CniException.PluginMissing the first that is missing
     */
    void requireAll(String subject, NetworkConf network) {
        for (var plugin : network.plugins()) {
            find(subject, plugin.type());
            plugin.ipamType().ifPresent(ipam -> find(subject, ipam));
        }
    }

    /**
     * Executes a plugin and returns its stdout.
     *
     * @throws CniException.PluginFailed it reported an error or could not be run
     * @throws CniException.TimedOut it was killed at its deadline
     * @throws CniException.MalformedResult it wrote too much and was killed
     */
    byte[] run(PluginCall call) {
        var launch =
                new Processes.Launch(
                        List.of(call.binary().toString()),
                        Path.of("/"),
                        environment(call),
                        Json.bytes(call.input()),
                        call.verb().deadline(timeouts),
                        MAX_OUTPUT_BYTES);
        Processes.Completed completed;
        try {
            completed = runUnlessBusy(launch);
        } catch (ProcessTimeout timeout) {
            throw new CniException.TimedOut(
                    call.plugin(),
                    launch.timeout(),
                    "%s: no answer after %s, killed"
                            .formatted(call.name(), seconds(launch.timeout())));
        } catch (ProcessOutputLimit limit) {
            throw new CniException.MalformedResult(
                    call.plugin(),
                    "%s: found more than %d bytes of output, killed"
                            .formatted(call.name(), MAX_OUTPUT_BYTES));
        } catch (IOException notRun) {
            throw failure(call, "not executed: " + Excerpt.of(String.valueOf(notRun.getMessage())));
        }
        if (completed.exitCode() != 0) {
            throw failure(call, completed);
        }
        return completed.stdout();
    }

    private Processes.Completed runUnlessBusy(Processes.Launch launch) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return processes.run(launch);
            } catch (ProcessTimeout | ProcessOutputLimit | InterruptedIOException ran) {
                throw ran;
            } catch (IOException notStarted) {
                var message = String.valueOf(notStarted.getMessage());
                if (attempt == BUSY_ATTEMPTS || !message.contains("Text file busy")) {
                    throw notStarted;
                }
                pause(launch);
            }
        }
    }

    private static void pause(Processes.Launch launch) throws InterruptedIOException {
        try {
            new CountDownLatch(1).await(BUSY_PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted before " + launch.command().getFirst());
        }
    }

    private Map<String, String> environment(PluginCall call) {
        var environment = new HashMap<>(call.environment());
        environment.put("CNI_COMMAND", call.verb().name());
        environment.put(
                "CNI_PATH", folders.stream().map(Path::toString).collect(Collectors.joining(":")));
        environment.put("PATH", SEARCH_PATH);
        return environment;
    }

    /** The plugin's own error answer (SPEC.md, section 5, "Error"), or what stood in its place. */
    private static CniException failure(PluginCall call, Processes.Completed completed) {
        int code = 0;
        String problem;
        String details = "";
        var stderr = Excerpt.of(completed.stderr());
        try {
            var error = Json.object(completed.stdout());
            code = error.path("code").asInt(0);
            problem = Excerpt.of(error.path("msg").asText(""));
            details = Excerpt.of(error.path("details").asText(""));
        } catch (IllegalArgumentException noError) {
            problem =
                    "exit code %d without a CNI error; stdout \"%s\""
                            .formatted(completed.exitCode(), Excerpt.of(completed.stdout()));
        }
        var message =
                new StringBuilder(
                        "%s: failed after %s: %s"
                                .formatted(call.name(), seconds(completed.took()), problem));
        if (!details.isEmpty()) {
            message.append("; ").append(details);
        }
        if (code != 0) {
            message.append(" (code ").append(code).append(')');
        }
        if (!stderr.isEmpty()) {
            message.append("; stderr \"").append(stderr).append('"');
        }
        return new CniException.PluginFailed(
                call.plugin(), code, problem, details, message.toString());
    }

    private static CniException failure(PluginCall call, String problem) {
        return new CniException.PluginFailed(
                call.plugin(), 0, problem, "", call.name() + ": " + problem);
    }

    private static String seconds(Duration duration) {
        return "%.1f s".formatted(duration.toMillis() / 1000.0);
    }

    /** A plugin's input: its configuration under the network's name and version. */
    static ObjectNode input(NetworkConf network, PluginConf plugin) {
        var input = plugin.json().deepCopy();
        input.put("name", network.name());
        input.put("cniVersion", network.version().toString());
        return input;
    }
}
