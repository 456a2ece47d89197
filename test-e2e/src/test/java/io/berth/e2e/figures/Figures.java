package io.berth.e2e.figures;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Measures one node and prints a line a figure, with the number of samples. */
public final class Figures {
    private static final int PODS = 30;
    private static final int STARTS = 5;
    private static final int IDLE_PODS = 10;
    private static final long OUTPUT_LINES = 2_000_000;
    private static final long FILE_LINES = 100_000;
    private static final int LINE_BYTES = 100;
    private static final int LAST_BYTES = 1000;
    private static final Duration OUTPUT_LIMIT = Duration.ofMinutes(5);

    private final TestNode node;
    private final Kubelet kubelet;

    private Figures(TestNode node) {
        this.node = node;
        this.kubelet = new Kubelet(node);
    }

    public static void main(String[] arguments) throws IOException {
        try (var node = TestNode.start()) {
            var figures = new Figures(node);
            figures.kubelet.warmUp();
            figures.pods();
            figures.memory();
            figures.output();
            figures.starts();
        }
    }

    private void pods() throws IOException {
        var names = List.of("RunPodSandbox", "CreateContainer", "StartContainer", "pod start");
        var samples = new ArrayList<List<Double>>();
        names.forEach(name -> samples.add(new ArrayList<>()));
        for (int i = 0; i < PODS; i++) {
            var pod = kubelet.pod().build();
            var config = kubelet.shell("c", "exec sleep 1000").build();
            var begun = System.nanoTime();
            var sandbox = timed(samples.get(0), () -> kubelet.run(pod));
            var id = timed(samples.get(1), () -> kubelet.create(sandbox, pod, config));
            timed(
                    samples.get(2),
                    () -> {
                        kubelet.start(id);
                        return id;
                    });
            samples.get(3).add((System.nanoTime() - begun) / 1e6);
            kubelet.end(sandbox);
        }
        for (int i = 0; i < names.size(); i++) {
            print(names.get(i), samples.get(i));
        }
    }

    private static <T> T timed(List<Double> samples, Supplier<T> call) {
        var begun = System.nanoTime();
        var result = call.get();
        samples.add((System.nanoTime() - begun) / 1e6);
        return result;
    }

    private static void print(String name, List<Double> samples) {
        Collections.sort(samples);
        Print.line(
                "%-18s p50 %.0f ms, p99 %.0f ms over %d"
                        .formatted(
                                name,
                                samples.get(samples.size() / 2),
                                samples.get((int) Math.ceil(samples.size() * 0.99) - 1),
                                samples.size()));
    }

    private void memory() throws IOException {
        Print.line(
                "%-18s %d kB fresh after %d pods"
                        .formatted("PSS of the daemon", pss(node.daemon().pid()), PODS));
        var sandboxes = new ArrayList<String>();
        for (int i = 0; i < IDLE_PODS; i++) {
            var pod = kubelet.pod().build();
            var sandbox = kubelet.run(pod);
            kubelet.launch(sandbox, pod, kubelet.shell("c", "exec sleep 1000").build());
            sandboxes.add(sandbox);
        }
        long writers = 0;
        int count = 0;
        for (var process : ProcessHandle.allProcesses().toList()) {
            var command = process.info().commandLine().orElse("");
            if (command.contains("berth-native log")
                    && command.contains(node.folders().top().toString())) {
                writers += pss(process.pid());
                count++;
            }
        }
        Print.line(
                "%-18s %d kB with %d pods; %d log writers %d kB in all"
                        .formatted(
                                "PSS idle", pss(node.daemon().pid()), IDLE_PODS, count, writers));
        sandboxes.forEach(kubelet::end);
    }

    private static long pss(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/smaps_rollup"), UTF_8)
                .lines()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElse(0);
    }

    /** From the first line to the last, as the log's own times say. */
    private void output() throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var script =
                "yes %s | head -n %d > /tmp/lines; echo go; for i in $(seq %d); do cat /tmp/lines; done"
                        .formatted(
                                "x".repeat(LINE_BYTES - 1), FILE_LINES, OUTPUT_LINES / FILE_LINES);
        var config = kubelet.shell("c", script);
        var log = Kubelet.log(pod, config);
        var id = kubelet.launch(sandbox, pod, config.build());
        Waiting.until(
                "the end of the output",
                OUTPUT_LIMIT,
                () -> kubelet.status(id).getFinishedAt() > 0);
        var took = Duration.between(time(log, 0), time(log, Files.size(log) - LAST_BYTES));
        Print.line(
                "%-18s %.0f MB/s of %d-byte lines (%d lines in %d ms; log %d MB)"
                        .formatted(
                                "output",
                                OUTPUT_LINES * LINE_BYTES / 1e3 / took.toMillis(),
                                LINE_BYTES,
                                OUTPUT_LINES,
                                took.toMillis(),
                                Files.size(log) / 1_000_000));
        kubelet.end(sandbox);
        Files.delete(log);
    }

    /** The time of the last whole line in a few bytes of the log, or of its first. */
    private static Instant time(Path log, long from) throws IOException {
        try (var channel = Files.newByteChannel(log)) {
            channel.position(from);
            var bytes = ByteBuffer.allocate(LAST_BYTES);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            var lines = new String(bytes.array(), 0, bytes.position(), UTF_8).split("\n", -1);
            var line = from == 0 ? lines[0] : lines[lines.length - 2];
            return Instant.parse(line.substring(0, line.indexOf(' ')));
        }
    }

    private void starts() throws IOException {
        var samples = new ArrayList<Double>();
        for (int i = 0; i < STARTS; i++) {
            node.kill();
            node.restart(Map.of());
            samples.add((double) node.daemon().startTook().toMillis());
        }
        print("daemon start", samples);
    }
}
