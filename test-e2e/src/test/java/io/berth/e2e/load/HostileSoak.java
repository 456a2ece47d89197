package io.berth.e2e.load;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.e2e.cases.CaseDaemon;
import io.berth.e2e.cases.HostileCase;
import io.berth.e2e.cases.HostileCases;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * All hostile cases again and again against one daemon, which lives, answers others, and gives its
 * memory back. After each round the daemon is killed and has to start over what the round has left:
 * containers that were created and never started, with large requests.
 *
 * <p>Properties: those of {@link SoakState}, where {@code soak.count} is in seconds; {@code
 * cases.times} how many times as much each case tries; {@code soak.heap} the maximum of the
 * daemon's heap in MB, its own choice when it is not set. Each shard begins with another case.
 */
public final class HostileSoak {
    private static final int SECONDS = 1800;
    private static final int LEFT_BEHIND = 5;

    private final TestNode node;
    private final SoakState state;
    private final Map<String, String> environment;
    private final Kubelet kubelet;
    private final PodSandboxConfig pod;
    private final String sandbox;
    private Kubelet now;
    private Footprint before;

    private HostileSoak(TestNode node, SoakState state, Map<String, String> environment)
            throws IOException {
        this.node = node;
        this.state = state;
        this.environment = environment;
        this.kubelet = new Kubelet(node);
        this.now = kubelet;
        this.pod = kubelet.pod().build();
        this.sandbox = kubelet.run(pod);
        HostileCases.prepare(CaseDaemon.of(node));
        this.before = Footprint.of(node, sandbox);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var state = SoakState.read("seconds", SECONDS);
        var heap = System.getProperty("soak.heap", "");
        Map<String, String> environment =
                heap.isEmpty() ? Map.of() : Map.of("BERTH_JAVA_OPTS", "-Xmx" + heap + "m");
        List<String> faults;
        try (var node = TestNode.start(environment)) {
            faults = new HostileSoak(node, state, environment).run();
        }
        state.end(faults);
    }

    private List<String> run() throws IOException, InterruptedException {
        Print.line("soak: at the start " + before);
        var faults = new ArrayList<String>();
        while (faults.isEmpty() && state.next(1) > 0) {
            faults.addAll(round());
            if (faults.isEmpty()) {
                faults.addAll(restarted());
            }
        }
        if (node.daemon().alive()) {
            now.end(sandbox);
            HostileCases.clear(CaseDaemon.of(node));
        }
        return faults;
    }

    private List<String> round() throws IOException, InterruptedException {
        var faults = new ArrayList<String>();
        for (var hostile : cases()) {
            if (faults.isEmpty() && state.next(1) > 0) {
                faults.addAll(tried(hostile));
            }
        }
        if (faults.isEmpty()) {
            var after = Footprint.of(node, sandbox);
            Print.line("soak: after a round " + after);
            faults.addAll(after.growthSince(before));
        }
        return faults;
    }

    private List<HostileCase> cases() {
        var all = new ArrayList<>(HostileCases.all());
        Collections.rotate(all, -state.first(all.size()));
        return all;
    }

    private List<String> tried(HostileCase hostile) throws IOException, InterruptedException {
        var begun = Instant.now();
        var faults = new ArrayList<String>();
        try (var bystander = Bystander.start(node)) {
            HostileCases.run(hostile, CaseDaemon.of(node))
                    .forEach(fault -> faults.add(hostile.name() + ": " + fault));
            bystander.end().forEach(fault -> faults.add(hostile.name() + ": " + fault));
            int took = (int) Math.max(1, Duration.between(begun, Instant.now()).toSeconds());
            state.did(took);
            Print.line("soak: %s took %d s; others: %s".formatted(hostile.name(), took, bystander));
        }
        return faults;
    }

    /** A daemon starts over what another one has accepted; its footprint is the next to compare. */
    private List<String> restarted() throws IOException {
        var made = new ArrayList<String>();
        for (int i = 0; i < LEFT_BEHIND; i++) {
            made.add(now.create(sandbox, pod, large(now, i)));
        }
        node.kill();
        node.restart(environment);
        now = new Kubelet(node);
        var listed =
                node.client()
                        .runtime()
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount();
        made.forEach(now::remove);
        before = Footprint.of(node, sandbox);
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
