package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.stream.CommandStreams;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "attach",
        description = "Connect with a running container's own process until either ends.")
final class AttachCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
            names = {"-i", "--stdin", "--interactive"},
            description = "Pass standard input on; the container must have been given one.")
    private boolean stdin;

    @Option(
            names = {"-t", "--tty"},
            description = "The container has a terminal; with -i it gets this one's size.")
    private boolean tty;

    @Mixin private StreamOptions streams = new StreamOptions();

    @Parameters(paramLabel = "CONTAINER", description = "A name, POD/NAME, an id or its beginning.")
    private String container = "";

    AttachCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        try (var client = node.connect()) {
            var id = Targets.of(client).container(container).id();
            return new CommandStreams(console, System.in, stdin, tty)
                    .run(client.attachUrl(id, stdin, tty), streams.tls());
        }
    }
}
