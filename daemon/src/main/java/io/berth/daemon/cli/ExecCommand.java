package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.stream.CommandStreams;
import java.io.IOException;
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

    @Option(
            names = {"-i", "--stdin", "--interactive"},
            description = "Pass standard input on, and output as it comes.")
    private boolean stdin;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the command a terminal; with -i, of this one's size.")
    private boolean tty;

    @Mixin private StreamOptions streams = new StreamOptions();

    @Parameters(
            index = "0",
            paramLabel = "CONTAINER",
            description = "A name, POD/NAME, an id or its beginning.")
    private String container = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "[--] CMD",
            description = "The command and its arguments.")
    private List<String> arguments = List.of();

    ExecCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        boolean connected = stdin || tty;
        var command = command();
        if (connected && timeout != 0) {
            throw new CliException(
                    ExitCode.USAGE,
                    "--timeout: found %d with -i or -t, wanted one of them".formatted(timeout));
        }
        try (var client = node.connect()) {
            var id = Targets.of(client).container(container).id();
            if (connected) {
                return new CommandStreams(console, System.in, stdin, tty)
                        .run(client.execUrl(id, command, stdin, tty), streams.tls());
            }
            var done = client.exec(id, command, Duration.ofSeconds(timeout));
            console.output(done.getStdout().toByteArray());
            console.error(done.getStderr().toByteArray());
            return done.getExitCode();
        }
    }

    private List<String> command() {
        boolean divided = arguments.getFirst().equals("--");
        if (divided && arguments.size() == 1) {
            throw new CliException(ExitCode.USAGE, "CMD: found nothing after --, wanted a command");
        }
        return divided ? arguments.subList(1, arguments.size()) : arguments;
    }
}
