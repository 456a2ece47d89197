package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cri.client.NodeClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "checkpoint",
        description = "Save a running container to an archive, by CRIU; it goes on afterwards.")
final class CheckpointCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
            names = {"-e", "--export"},
            paramLabel = "FILE",
            required = true,
            description = "The archive, which the daemon writes, over one that is there.")
    private Path export = Path.of("");

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "How long saving its processes may take (${DEFAULT-VALUE}).")
    private long timeout;

    @Parameters(paramLabel = "CONTAINER", description = "A name, POD/NAME, an id or its beginning.")
    private String container = "";

    CheckpointCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var file = export.toAbsolutePath().normalize();
        try (NodeClient client = node.connect()) {
            var target = Targets.of(client).container(container);
            client.checkpointContainer(target.id(), file, Duration.ofSeconds(timeout));
            console.line("%s: saved to %s".formatted(target, file));
        }
        return ExitCode.OK;
    }
}
