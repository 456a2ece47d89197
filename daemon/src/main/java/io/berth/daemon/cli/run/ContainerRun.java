package io.berth.daemon.cli.run;

import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatus;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.logs.LogLine;
import io.berth.daemon.cli.logs.LogReader;
import io.berth.daemon.cli.manifest.ContainerMapping;
import io.berth.daemon.cri.client.NodeClient;
import io.berth.daemon.cri.client.NodeException;
import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** One container of a run, from its creation to its last end, with its log on the console. */
final class ContainerRun {
    private static final Duration POLL = Duration.ofMillis(150);
    private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(10);
    private static final Duration MAX_BACK_OFF = Duration.ofMinutes(5);
    private static final Duration STEADY = Duration.ofMinutes(10);

    /** How long a daemon may be away before the run gives up. */
    private static final Duration AWAY = Duration.ofMinutes(1);

    private final NodeClient node;
    private final Console console;
    private final Stop stop;
    private final String pod;
    private final PodSandboxConfig podConfig;
    private final ContainerMapping mapping;
    private final Container container;
    private final String prefix;

    /**
     * @param pod the sandbox's id
     * @param width of the prefix of log lines
     */
    ContainerRun(
            NodeClient node,
            Console console,
            Stop stop,
            String pod,
            PodSandboxConfig podConfig,
            ContainerMapping mapping,
            Container container,
            int width) {
        this.node = node;
        this.console = console;
        this.stop = stop;
        this.pod = pod;
        this.podConfig = podConfig;
        this.mapping = mapping;
        this.container = container;
        this.prefix =
                container.getName() + " ".repeat(Math.max(0, width - container.getName().length()));
    }

    String name() {
        return container.getName();
    }

    /** Creates and starts the container and returns its id. */
    String start(int attempt) throws IOException {
        RunFolder.createLogs(mapping.places(), container.getName());
        var id = node.createContainer(pod, mapping.config(container, attempt), podConfig);
        node.startContainer(id);
        console.line("container %s: started, %s".formatted(container.getName(), id));
        return id;
    }

    /** Passes a started container's log on until it has ended, and returns its exit code. */
    int follow(String id) throws IOException {
        var log = Path.of(node.containerStatus(id).getLogPath());
        try (var reader = new LogReader(log)) {
            var answered = Instant.now();
            while (true) {
                boolean news = show(reader);
                try {
                    var status = node.containerStatus(id);
                    answered = Instant.now();
                    if (status.getState() == ContainerState.CONTAINER_EXITED) {
                        end(reader, status);
                        return status.getExitCode();
                    }
                } catch (NodeException.Unreachable e) {
                    if (answered.plus(AWAY).isBefore(Instant.now())) {
                        throw e;
                    }
                }
                if (!news) {
                    pause(POLL);
                }
            }
        }
    }

    private void end(LogReader reader, ContainerStatus status) throws IOException {
        while (show(reader)) {
            pause(POLL);
        }
        reader.finish(this::show);
        var reason = status.getReason().isEmpty() ? "" : ", " + status.getReason();
        var message = status.getMessage().isEmpty() ? "" : ": " + status.getMessage();
        console.line(
                "container %s: ended with %d%s%s"
                        .formatted(container.getName(), status.getExitCode(), reason, message));
    }

    private boolean show(LogReader reader) throws IOException {
        return reader.poll(this::show);
    }

    private void show(LogLine line) {
        console.line(prefix + " | " + line.text());
    }

    private static void pause(Duration time) throws IOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * Follows a started container and starts it again as the policy says, with the kubelet's
     * back-off: 10 s, doubled to 5 min, and 10 s again after 10 min without an end.
     */
    void keep(String started, String policy) throws IOException {
        var id = started;
        var backOff = FIRST_BACK_OFF;
        for (int attempt = 1; ; attempt++) {
            var since = Instant.now();
            int code = follow(id);
            stop.ended(code);
            boolean again = policy.equals("Always") || (policy.equals("OnFailure") && code != 0);
            if (!again || stop.requested()) {
                return;
            }
            backOff = since.plus(STEADY).isBefore(Instant.now()) ? FIRST_BACK_OFF : backOff;
            console.line(
                    "container %s: starts again in %d s"
                            .formatted(container.getName(), backOff.toSeconds()));
            if (stop.await(backOff)) {
                return;
            }
            backOff =
                    backOff.multipliedBy(2).compareTo(MAX_BACK_OFF) < 0
                            ? backOff.multipliedBy(2)
                            : MAX_BACK_OFF;
            node.removeContainer(id);
            id = start(attempt);
        }
    }
}
