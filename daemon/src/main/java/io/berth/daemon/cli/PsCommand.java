package io.berth.daemon.cli;

import io.berth.cri.v1.Container;
import io.berth.cri.v1.ContainerState;
import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.console.Sizes;
import io.berth.daemon.cli.console.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "ps", description = "List containers that run.")
final class PsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();
    @Mixin private ListOptions list = new ListOptions();

    @Option(
            names = {"-a", "--all"},
            description = "List the others too.")
    private boolean all;

    PsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var table = new Table("CONTAINER", "ID", "STATE", "IMAGE", "ATTEMPT", "AGE");
        try (var client = node.connect()) {
            var targets = Targets.of(client);
            for (var container : client.containers()) {
                if (all || container.getState() == ContainerState.CONTAINER_RUNNING) {
                    add(table, container, targets.podName(container.getPodSandboxId()));
                }
            }
        }
        console.line(table.render(list.format()));
        return ExitCode.OK;
    }

    private static void add(Table table, Container container, String pod) {
        var metadata = container.getMetadata();
        var state = container.getState().name().replace("CONTAINER_", "").toLowerCase(Locale.ROOT);
        var created = Instant.ofEpochSecond(0, container.getCreatedAt());
        table.add(
                List.of(
                        pod + "/" + metadata.getName(),
                        Targets.shortId(container.getId()),
                        state,
                        container.getImage().getImage(),
                        Integer.toString(metadata.getAttempt()),
                        Sizes.age(Duration.between(created, Instant.now()))),
                Map.of(
                        "id",
                        container.getId(),
                        "name",
                        metadata.getName(),
                        "pod",
                        pod,
                        "podId",
                        container.getPodSandboxId(),
                        "attempt",
                        metadata.getAttempt(),
                        "state",
                        state,
                        "image",
                        container.getImage().getImage(),
                        "imageId",
                        container.getImageId(),
                        "createdAt",
                        created.toString()));
    }
}
