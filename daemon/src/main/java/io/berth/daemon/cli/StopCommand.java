package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cri.client.NodeClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "stop", description = "Stop pods or containers.")
final class StopCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "From SIGTERM to SIGKILL (${DEFAULT-VALUE}).")
    private long timeout;

    @Parameters(
            paramLabel = "POD|CONTAINER",
            arity = "1..*",
            description = "Names, ids or their beginnings.")
    private List<String> words = List.of();

    StopCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (var client = node.connect()) {
            for (var word : words) {
                var target = Targets.of(client).any(word);
                stop(client, target, Duration.ofSeconds(timeout));
                console.line(target + ": stopped");
            }
        }
        return ExitCode.OK;
    }

    /** Stops a container, or a pod's containers and then the pod. */
    static void stop(NodeClient client, Targets.Target target, Duration grace) {
        switch (target) {
            case Targets.Target.InPod container -> client.stopContainer(container.id(), grace);
            case Targets.Target.Pod pod -> {
                for (var container : client.containers()) {
                    if (container.getPodSandboxId().equals(pod.id())) {
                        client.stopContainer(container.getId(), grace);
                    }
                }
                client.stopPod(pod.id());
            }
        }
    }
}
