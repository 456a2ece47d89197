package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.stream.PortForwarder;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "port-forward",
        description = "Carry connections to local ports into a pod, until Ctrl-C.")
final class PortForwardCommand implements Callable<Integer> {
    private static final Pattern PORTS = Pattern.compile("(?:(\\d{0,5})(:))?(\\d{1,5})");

    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
            names = "--address",
            paramLabel = "ADDRESS",
            description = "Where to listen (${DEFAULT-VALUE}).")
    private String address = "127.0.0.1";

    @Mixin private StreamOptions streams = new StreamOptions();

    @Parameters(index = "0", paramLabel = "POD", description = "A name, an id or its beginning.")
    private String pod = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "[LOCAL:]REMOTE",
            description = "Ports; without LOCAL the same one, with nothing before : any free one.")
    private List<String> ports = List.of();

    PortForwardCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var wanted = ports.stream().map(PortForwardCommand::ports).toList();
        var tls = streams.tls();
        var started = new ArrayList<PortForwarder>();
        try (var client = node.connect()) {
            var id = Targets.of(client).pod(pod).id();
            var at = InetAddress.getByName(address);
            for (var each : wanted) {
                var _ =
                        client.portForwardUrl(
                                id, each.remote()); // now, not at the first connection
                var forwarder =
                        PortForwarder.start(
                                console, at, each, port -> client.portForwardUrl(id, port), tls);
                started.add(forwarder);
                console.line("Forwarding from " + forwarder.words());
            }
            new CountDownLatch(1).await(); // a signal ends the process
            return ExitCode.OK;
        } finally {
            for (var each : started) {
                each.close();
            }
        }
    }

    /** What an argument means. Throws {@link CliException} if it means nothing. */
    static PortForwarder.Ports ports(String word) {
        var match = PORTS.matcher(word);
        if (match.matches()) {
            int remote = Integer.parseInt(match.group(3));
            var before = match.group(2) == null ? match.group(3) : match.group(1);
            int local = before.isEmpty() ? 0 : Integer.parseInt(before);
            if (remote >= 1 && remote <= 0xffff && local <= 0xffff) {
                return new PortForwarder.Ports(local, remote);
            }
        }
        throw new CliException(
                ExitCode.USAGE,
                "ports: found \"%s\", wanted LOCAL:REMOTE, REMOTE or :REMOTE, each 1 to 65535"
                        .formatted(word));
    }
}
