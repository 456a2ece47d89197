package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cri.client.NodeException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "version", description = "Print the versions of this command and of the daemon.")
final class VersionCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();

    private final String own;

    /**
     * The command as part of a build.
     *
     * @param own this command's version
     */
    VersionCommand(Console console, String own) {
        this.console = console;
        this.own = own;
    }

    @Override
    public Integer call() {
        console.line("command  " + own);
        try (var client = node.connect()) {
            var daemon = client.version();
            console.line(
                    "daemon   %s %s, CRI %s"
                            .formatted(
                                    daemon.getRuntimeName(),
                                    daemon.getRuntimeVersion(),
                                    daemon.getRuntimeApiVersion()));
        } catch (NodeException.Unreachable e) {
            console.line("daemon   none: " + e.getMessage());
        }
        return ExitCode.OK;
    }
}
