package io.berth.daemon.cli;

import io.berth.daemon.cri.client.NodeClient;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which daemon to ask. */
final class NodeOptions {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            defaultValue = "${env:BERTH_SOCKET:-/run/berth/berth.sock}",
            description = "The daemon's socket; BERTH_SOCKET sets it too (${DEFAULT-VALUE}).")
    private Path socket = Path.of("/run/berth/berth.sock");

    NodeClient connect() {
        return new NodeClient(socket.toAbsolutePath());
    }
}
