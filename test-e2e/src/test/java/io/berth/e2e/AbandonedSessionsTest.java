package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.e2e.load.AbandonedSessions;
import io.berth.e2e.load.ExecLoad;
import io.berth.e2e.load.Footprint;
import io.berth.e2e.load.Leftovers;
import io.berth.e2e.run.Print;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many sessions and commands, by a shim of either version; the soaks run many times as many. */
class AbandonedSessionsTest extends NodeTest {
    private static final int SESSIONS = 250;
    private static final int COMMANDS = 300; // "test-e2e/soak exec" runs 100,000

    /** A shim of version 1.6 lets go of terminals' input when it collects its garbage. */
    private static final Duration SETTLED = Duration.ofMinutes(4);

    private record Running(String sandbox, String container) {}

    private Running running(String handler) throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod, handler);
        var config = kubelet.shell("c", AbandonedSessions.CONTAINER).setStdin(true).build();
        return new Running(sandbox, kubelet.launch(sandbox, pod, config));
    }

    @Test
    void abandonedSessionsLeaveNothing() throws Exception {
        long seed = Long.getLong("streams.seed", System.nanoTime());
        Print.line("abandoned sessions: seed " + seed);
        var pods = List.of(running("runc"), running("v3"));
        for (var pod : pods) {
            new ExecLoad(node, pod.container()).run(30);
        }
        var before = footprints(pods);
        for (var pod : pods) {
            new AbandonedSessions(node, pod.sandbox(), pod.container(), seed).run(0, SESSIONS);
        }
        for (int i = 0; i < pods.size(); i++) {
            settled(pods.get(i), before.get(i));
        }
    }

    private List<Footprint> footprints(List<Running> pods) throws IOException {
        var all = new ArrayList<Footprint>();
        for (var pod : pods) {
            all.add(Footprint.of(node, pod.sandbox()));
        }
        return all;
    }

    private void settled(Running pod, Footprint before) throws IOException {
        var left = new Leftovers(node, pod.sandbox(), pod.container());
        Waiting.until(
                "end of all that sessions were given",
                SETTLED,
                () -> left.found().isEmpty(),
                left::words);
        Waiting.until(
                "footprint as before",
                SETTLED,
                () -> Footprint.of(node, pod.sandbox()).growthSince(before).isEmpty(),
                () -> growth(pod, before));
    }

    private String growth(Running pod, Footprint before) {
        try {
            return Footprint.of(node, pod.sandbox()).growthSince(before).toString();
        } catch (IOException unread) {
            return unread.toString();
        }
    }

    @Test
    void manyCommandsLeaveNothing() throws Exception {
        for (var handler : List.of("runc", "crun")) {
            var pod = running(handler);
            var load = new ExecLoad(node, pod.container());
            load.run(100);
            var before = Footprint.of(node, pod.sandbox());
            load.run(COMMANDS);
            settled(pod, before);
            assertThat(Footprint.of(node, pod.sandbox()).growthSince(before)).isEmpty();
            kubelet.end(pod.sandbox());
        }
    }
}
