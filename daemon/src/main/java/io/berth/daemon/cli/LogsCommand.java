package io.berth.daemon.cli;

import io.berth.cri.v1.ContainerState;
import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.logs.LogLine;
import io.berth.daemon.cli.logs.LogReader;
import io.berth.daemon.cri.client.NodeClient;
import io.berth.daemon.cri.client.NodeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "logs",
        description = "Print what a container wrote; its errors go to standard error.")
final class LogsCommand implements Callable<Integer> {
    private static final long POLL_MILLIS = 200;

    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the container ends.")
    private boolean follow;

    @Option(names = "--tail", paramLabel = "N", description = "Begin with the last N lines.")
    private int tail = -1;

    @Parameters(paramLabel = "CONTAINER", description = "A name, POD/NAME, an id or its beginning.")
    private String container = "";

    LogsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var client = node.connect()) {
            var id = Targets.of(client).container(container).id();
            var path = client.containerStatus(id).getLogPath();
            if (path.isEmpty()) {
                throw new CliException(
                        ExitCode.FAILURE, "container %s: keeps no log".formatted(container));
            }
            try (var log = new LogReader(Path.of(path))) {
                show(client, id, log);
            }
        }
        return ExitCode.OK;
    }

    private void show(NodeClient client, String id, LogReader log)
            throws IOException, InterruptedException {
        Consumer<LogLine> printed =
                line -> {
                    if (line.error()) {
                        console.note(line.text());
                    } else {
                        console.line(line.text());
                    }
                };
        if (tail >= 0) {
            if (!follow) {
                log.finishLast(tail, printed);
                return;
            }
            log.pollLast(tail, printed);
        } else {
            log.poll(printed);
        }
        boolean ended = !follow;
        while (!ended) {
            ended = ended(client, id);
            while (log.poll(printed) || !ended) {
                Thread.sleep(POLL_MILLIS);
                ended = ended || ended(client, id);
            }
        }
        log.finish(printed);
    }

    private static boolean ended(NodeClient client, String id) {
        try {
            return client.containerStatus(id).getState() == ContainerState.CONTAINER_EXITED;
        } catch (NodeException.NotFound _) {
            return true;
        } catch (NodeException.Unreachable _) {
            return false; // the log goes on without the daemon
        }
    }
}
