package io.berth.daemon.cli;

import io.berth.cri.v1.PodSandboxState;
import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.console.Sizes;
import io.berth.daemon.cli.console.Table;
import io.berth.daemon.cri.client.NodeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "pods", description = "List pods.")
final class PodsCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();
    @Mixin private ListOptions list = new ListOptions();

    PodsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var table = new Table("POD", "ID", "STATE", "IP", "ATTEMPT", "AGE");
        try (var client = node.connect()) {
            for (var pod : client.pods()) {
                var metadata = pod.getMetadata();
                var state = pod.getState() == PodSandboxState.SANDBOX_READY ? "ready" : "notready";
                String ip;
                try {
                    ip = client.podStatus(pod.getId()).getNetwork().getIp();
                } catch (NodeException.NotFound _) {
                    continue; // removed meanwhile
                }
                var created = Instant.ofEpochSecond(0, pod.getCreatedAt());
                table.add(
                        List.of(
                                metadata.getNamespace() + "/" + metadata.getName(),
                                Targets.shortId(pod.getId()),
                                state,
                                ip.isEmpty() ? "-" : ip,
                                Integer.toString(metadata.getAttempt()),
                                Sizes.age(Duration.between(created, Instant.now()))),
                        Map.of(
                                "id",
                                pod.getId(),
                                "name",
                                metadata.getName(),
                                "namespace",
                                metadata.getNamespace(),
                                "uid",
                                metadata.getUid(),
                                "attempt",
                                metadata.getAttempt(),
                                "state",
                                state,
                                "ip",
                                ip,
                                "createdAt",
                                created.toString(),
                                "labels",
                                Map.copyOf(pod.getLabelsMap())));
            }
        }
        console.line(table.render(list.format()));
        return ExitCode.OK;
    }
}
