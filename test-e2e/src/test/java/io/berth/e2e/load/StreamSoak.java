package io.berth.e2e.load;

import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * A great many sessions whose clients leave at random points, against one daemon. Its properties
 * are those of {@link SoakState}, and {@code streams.seed}.
 */
public final class StreamSoak {
    private static final int SESSIONS = 10_000;
    private static final int WARM = 200;
    private static final int PORTION = 250;
    private static final Duration SETTLED = Duration.ofMinutes(5);

    private StreamSoak() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var state = SoakState.read("sessions", SESSIONS);
        long seed = Long.getLong("streams.seed", System.nanoTime());
        Print.line("soak: seed " + seed);
        List<String> grown;
        try (var node = TestNode.start()) {
            var kubelet = new Kubelet(node);
            var pod = kubelet.pod().build();
            var sandbox = kubelet.run(pod, System.getProperty("soak.handler", "runc"));
            var config = kubelet.shell("c", AbandonedSessions.CONTAINER).setStdin(true).build();
            var container = kubelet.launch(sandbox, pod, config);
            var left = new Leftovers(node, sandbox, container);
            new AbandonedSessions(node, sandbox, container, seed - 1).run(0, WARM);
            settle(left);
            var before = Footprint.of(node, sandbox);
            Print.line("soak: after warming up " + before);
            var sessions = new AbandonedSessions(node, sandbox, container, seed);
            for (int n = state.next(PORTION); n > 0; n = state.next(PORTION)) {
                sessions.run(state.done(), n);
                state.did(n);
                Print.line("soak: %d %s".formatted(state.done(), Footprint.of(node, sandbox)));
            }
            settle(left);
            grown = Footprint.of(node, sandbox).growthSince(before);
            kubelet.end(sandbox);
        }
        state.end(grown);
    }

    private static void settle(Leftovers left) throws IOException {
        Waiting.until(
                "end of all that sessions were given",
                SETTLED,
                () -> left.found().isEmpty(),
                left::words);
    }
}
