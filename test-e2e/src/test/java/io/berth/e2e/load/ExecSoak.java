package io.berth.e2e.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A great many commands against one daemon, whose footprint may not grow. Ends by itself before its
 * limit; what is done stands in a file, from which the next run goes on.
 *
 * <p>Properties: {@code soak.count} commands in all, {@code soak.state} the file, {@code
 * soak.minutes} how long one run may take.
 */
public final class ExecSoak {
    private static final int WARM = 1000;
    private static final int PORTION = 500;

    private ExecSoak() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int count = Integer.getInteger("soak.count", 100_000);
        var state = Path.of(System.getProperty("soak.state", "soak-exec.state"));
        var until = Instant.now().plus(Duration.ofMinutes(Integer.getInteger("soak.minutes", 25)));
        int done = Files.exists(state) ? Integer.parseInt(Files.readString(state).strip()) : 0;
        Print.line("soak: %d of %d commands are done".formatted(done, count));
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
            while (done < count && Instant.now().isBefore(until)) {
                load.run(PORTION);
                done += PORTION;
                Files.writeString(state, done + "\n", UTF_8);
                Print.line("soak: %d %s".formatted(done, Footprint.of(node, sandbox)));
            }
            grown = Footprint.of(node, sandbox).growthSince(before);
            kubelet.end(sandbox);
        }
        grown.forEach(Print::line);
        Print.line(
                "%d of %d commands are done; %s"
                        .formatted(
                                done, count, grown.isEmpty() ? "nothing grew" : "something grew"));
        System.exit(grown.isEmpty() ? 0 : 1);
    }
}
