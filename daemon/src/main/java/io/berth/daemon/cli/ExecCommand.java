package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "exec",
        description = "Run a command in a container to its end; its exit code is this one's.")
final class ExecCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "Kill the command after that time; 0 never does (${DEFAULT-VALUE}).")
    private long timeout;

    @Parameters(
            index = "0",
            paramLabel = "CONTAINER",
            description = "A name, POD/NAME, an id or its beginning.")
    private String container = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "-- CMD",
            description = "The command and its arguments.")
    private List<String> command = List.of();

    ExecCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (var client = node.connect()) {
            var id = Targets.of(client).container(container).id();
            var done = client.exec(id, command, Duration.ofSeconds(timeout));
            console.output(done.getStdout().toByteArray());
            console.error(done.getStderr().toByteArray());
            return done.getExitCode();
        }
    }
}
