package io.berth.daemon.cli;

import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.PodSandboxState;
import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.run.Marks;
import io.berth.daemon.cri.client.NodeClient;
import io.berth.daemon.cri.client.NodeException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rm",
        description =
                "Remove pods or containers; of pods that `berth run` made, their volumes too.")
final class RmCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
            names = {"-f", "--force"},
            description = "Stop what runs first.")
    private boolean force;

    @Option(
            names = "--force-network",
            description = {
                "Give up a pod's network if its CNI plugins do not confirm that it is gone.",
                "An address that they hold for it stays taken."
            })
    private boolean forceNetwork;

    @Parameters(
            paramLabel = "POD|CONTAINER",
            arity = "1..*",
            description = "Names, ids or their beginnings.")
    private List<String> words = List.of();

    RmCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        try (var client = node.connect()) {
            for (var word : words) {
                var target = Targets.of(client).any(word);
                if (runs(target) && !force) {
                    throw new CliException(
                            ExitCode.FAILURE, target + ": runs; stop it first or add -f");
                }
                remove(client, target);
                console.line(target + ": removed");
            }
        }
        return ExitCode.OK;
    }

    private static boolean runs(Targets.Target target) {
        return switch (target) {
            case Targets.Target.Pod(var sandbox) ->
                    sandbox.getState() == PodSandboxState.SANDBOX_READY;
            case Targets.Target.InPod(var container, _) ->
                    container.getState() == ContainerState.CONTAINER_RUNNING;
        };
    }

    private void remove(NodeClient client, Targets.Target target) throws IOException {
        stop(client, target);
        switch (target) {
            case Targets.Target.InPod container -> client.removeContainer(container.id());
            case Targets.Target.Pod pod -> {
                client.removePod(pod.id());
                var folder = Marks.folder(pod.sandbox());
                if (folder.isPresent()) {
                    folder.get().remove();
                }
            }
        }
    }

    /** A stop that fails is tried again without the network, if that may be given up. */
    private void stop(NodeClient client, Targets.Target target) {
        try {
            StopCommand.stop(client, target, GRACE);
        } catch (NodeException.Failed failed) {
            if (!forceNetwork || !(target instanceof Targets.Target.Pod pod)) {
                throw failed;
            }
            for (var line : client.giveUpNetwork(pod.id())) {
                console.line(target + ": given up: " + line);
            }
            StopCommand.stop(client, target, GRACE);
        }
    }
}
