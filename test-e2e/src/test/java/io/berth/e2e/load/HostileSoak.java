package io.berth.e2e.load;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.e2e.cases.CaseDaemon;
import io.berth.e2e.cases.HostileCases;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * All hostile cases again and again against one daemon, which lives, answers others, and gives its
 * memory back. After each round the daemon is killed and has to start over what the round has left:
 * containers that were created and never started, with large requests.
 *
 * <p>Properties: {@code soak.minutes} how long it goes on; at least one round is made. {@code
 * soak.heap} the maximum of the daemon's heap in MB; its own choice when it is not set.
 */
public final class HostileSoak {
    private static final int LEFT_BEHIND = 5;

    private HostileSoak() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var until = Instant.now().plus(Duration.ofMinutes(Integer.getInteger("soak.minutes", 25)));
        var heap = System.getProperty("soak.heap", "");
        Map<String, String> environment =
                heap.isEmpty() ? Map.of() : Map.of("BERTH_JAVA_OPTS", "-Xmx" + heap + "m");
        var faults = new ArrayList<String>();
        int rounds = 0;
        try (var node = TestNode.start(environment)) {
            var kubelet = new Kubelet(node);
            var pod = kubelet.pod().build();
            var sandbox = kubelet.run(pod);
            var before = Footprint.of(node, sandbox);
            Print.line("soak: at the start " + before);
            do {
                faults.addAll(round(node));
                rounds++;
                if (faults.isEmpty()) {
                    var after = Footprint.of(node, sandbox);
                    Print.line("soak: after round %d %s".formatted(rounds, after));
                    faults.addAll(after.growthSince(before));
                    faults.addAll(restarted(node, sandbox, pod, environment));
                    before = Footprint.of(node, sandbox);
                }
            } while (faults.isEmpty() && Instant.now().isBefore(until));
            if (node.daemon().alive()) {
                kubelet.end(sandbox);
            }
        }
        faults.forEach(Print::line);
        Print.line(
                "%d rounds are done; %s"
                        .formatted(rounds, faults.isEmpty() ? "nothing grew" : "found faults"));
        System.exit(faults.isEmpty() ? 0 : 1);
    }

    private static List<String> round(TestNode node) throws IOException {
        var faults = new ArrayList<String>();
        var daemon = CaseDaemon.of(node);
        for (var hostile : HostileCases.all()) {
            if (faults.isEmpty()) {
                var begun = Instant.now();
                HostileCases.run(hostile, daemon)
                        .forEach(fault -> faults.add(hostile.name() + ": " + fault));
                Print.line(
                        "soak: %s took %d s"
                                .formatted(
                                        hostile.name(),
                                        Duration.between(begun, Instant.now()).toSeconds()));
            }
        }
        return faults;
    }

    /** A daemon starts over what another one has accepted. */
    private static List<String> restarted(
            TestNode node, String sandbox, PodSandboxConfig pod, Map<String, String> environment)
            throws IOException {
        var kubelet = new Kubelet(node);
        var made = new ArrayList<String>();
        for (int i = 0; i < LEFT_BEHIND; i++) {
            made.add(kubelet.create(sandbox, pod, large(kubelet, i)));
        }
        node.kill();
        node.restart(environment);
        var again = new Kubelet(node);
        var listed =
                node.client()
                        .runtime()
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount();
        made.forEach(again::remove);
        return listed >= LEFT_BEHIND
                ? List.of()
                : List.of("after a restart: found %d containers".formatted(listed));
    }

    private static ContainerConfig large(Kubelet kubelet, int number) {
        var value = ByteString.copyFromUtf8("x".repeat(100_000));
        var container = kubelet.shell("left-" + number, "true");
        for (int i = 0; i < 12; i++) {
            container.addEnvs(KeyValue.newBuilder().setKey("E" + i).setValue(value));
        }
        return container.build();
    }
}
