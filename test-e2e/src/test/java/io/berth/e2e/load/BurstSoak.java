package io.berth.e2e.load;

import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import java.io.IOException;
import java.time.Duration;

/**
 * Rounds of 60 commands at once in one container; every one of them has to give its code, none may
 * take longer than ten seconds. {@code soak.count} is how many rounds, {@code soak.handler} in
 * whose pod.
 */
public final class BurstSoak {
    static final int CALLERS = 60;
    private static final Duration MOST = Duration.ofSeconds(10);

    private BurstSoak() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = Integer.getInteger("soak.count", 100);
        int failed = 0;
        int late = 0;
        var slowest = Duration.ZERO;
        long begun = System.nanoTime();
        try (var node = TestNode.start()) {
            var kubelet = new Kubelet(node);
            var pod = kubelet.pod().build();
            var sandbox = kubelet.run(pod, System.getProperty("soak.handler", "v3"));
            var container =
                    kubelet.launch(sandbox, pod, kubelet.shell("c", "sleep 9999999").build());
            var burst = new ExecBurst(node, container, CALLERS);
            for (int i = 1; i <= rounds; i++) {
                var round = burst.run();
                failed += round.failed();
                late += round.slowest().compareTo(MOST) > 0 ? 1 : 0;
                slowest = round.slowest().compareTo(slowest) > 0 ? round.slowest() : slowest;
                if (i % 10 == 0 || round.failed() > 0) {
                    Print.line(
                            "burst: round %d of %d, %d calls failed, slowest %d ms"
                                    .formatted(i, rounds, failed, slowest.toMillis()));
                }
            }
            kubelet.end(sandbox);
        }
        long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
        Print.line(
                "burst: %d calls in %d s, %d failed, %d rounds over %d s, slowest %d ms"
                        .formatted(
                                rounds * CALLERS,
                                seconds,
                                failed,
                                late,
                                MOST.toSeconds(),
                                slowest.toMillis()));
        if (failed > 0 || late > 0) {
            throw new AssertionError("burst: a call failed or was late");
        }
    }
}
