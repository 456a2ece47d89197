package io.berth.e2e.load;

import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import java.io.IOException;
import java.util.List;

/**
 * A great many commands against one daemon, whose footprint may not grow. Its properties are those
 * of {@link SoakState}.
 */
public final class ExecSoak {
    private static final int COMMANDS = 100_000;
    private static final int WARM = 1000;
    private static final int PORTION = 500;

    private ExecSoak() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var state = SoakState.read("commands", COMMANDS);
        List<String> grown;
        try (var node = TestNode.start()) {
            var kubelet = new Kubelet(node);
            var pod = kubelet.pod().build();
            var sandbox = kubelet.run(pod);
            var container =
                    kubelet.launch(sandbox, pod, kubelet.shell("c", "sleep 9999999").build());
            var load = new ExecLoad(node, container);
            load.run(WARM);
            var before = Footprint.of(node, sandbox);
            Print.line("soak: after warming up " + before);
            for (int n = state.next(PORTION); n > 0; n = state.next(PORTION)) {
                load.run(n);
                state.did(n);
                Print.line("soak: %d %s".formatted(state.done(), Footprint.of(node, sandbox)));
            }
            grown = Footprint.of(node, sandbox).growthSince(before);
            kubelet.end(sandbox);
        }
        state.end(grown);
    }
}
