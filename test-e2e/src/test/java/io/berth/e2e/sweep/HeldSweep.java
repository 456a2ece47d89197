package io.berth.e2e.sweep;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.e2e.cri.Audit;
import io.berth.e2e.hold.HeldPoint;
import io.berth.e2e.hold.HeldPoint.Moment;
import io.berth.e2e.hold.HeldPrograms;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import io.berth.e2e.run.Report;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Cuts inside steps: the daemon is killed while a foreign program of a step is held. {@code
 * sweep.held} is a pattern of points with their outcomes, such as {@code runc.create#1 inside
 * killed}.
 */
final class HeldSweep {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** Questions, and what is asked beside the pods' lives. */
    private static final Set<String> QUESTIONS =
            Set.of("features", "state", "ps", "none", "check", "-v", "", "VERSION", "STATUS", "GC");

    private final TestNode node;
    private final Kubelet kubelet;
    private final SweptCheckpoint checkpoint;
    private final Report report;
    private final HeldPrograms held;
    private final Map<String, Map<Outcome, String>> table = new LinkedHashMap<>();
    private int passed;
    private int failed;

    /** What becomes of the held program once the daemon is dead. */
    enum Outcome {
        /** It goes on before the next daemon starts. */
        LET_GO,
        /** It is killed before the next daemon starts. */
        KILLED,
        /** It goes on, if it still lives, once the next daemon has looked at everything. */
        LATE
    }

    HeldSweep(TestNode node, Kubelet kubelet, SweptCheckpoint checkpoint, Report report) {
        this.node = node;
        this.kubelet = kubelet;
        this.checkpoint = checkpoint;
        this.report = report;
        this.held = HeldPrograms.of(node.folders());
    }

    int passed() {
        return passed;
    }

    int failed() {
        return failed;
    }

    /** Whether any cut inside a step is asked for; the node needs wrappers then. */
    static boolean isAsked() {
        return !System.getProperty("sweep.held", "").isEmpty();
    }

    void all(SweepState state) throws IOException {
        var pattern = System.getProperty("sweep.held", "");
        var round = System.getProperty("sweep.round", "0");
        var shard = System.getProperty("sweep.shard", "0/1").split("/", -1);
        int i = 0;
        var known = new HashSet<String>();
        if (!isAsked()) {
            return;
        }
        for (var kind : List.of(PodLife.Kind.PLAIN, PodLife.Kind.GIVEN)) {
            var calls = learn(kind);
            calls.removeIf(call -> known.contains(call.call()));
            calls.forEach(call -> known.add(call.call()));
            for (var point : points(calls)) {
                for (var outcome : outcomes(point)) {
                    var name = point + " " + outcome.name().toLowerCase(Locale.ROOT);
                    boolean mine = i++ % Integer.parseInt(shard[1]) == Integer.parseInt(shard[0]);
                    if (mine
                            && name.matches(pattern)
                            && !state.isDone(round + " " + name)
                            && one(kind, point, outcome, name)) {
                        state.add(round + " " + name);
                    }
                }
            }
        }
    }

    private static List<HeldPoint> points(List<HeldPoint> calls) {
        var points = new ArrayList<HeldPoint>();
        for (var call : calls) {
            for (var moment : moments(call)) {
                points.add(new HeldPoint(call.program(), call.verb(), call.occurrence(), moment));
            }
        }
        return points;
    }

    /** An OCI runtime has moments of its own where it makes a container. */
    private static List<Moment> moments(HeldPoint call) {
        return call.program().equals("runc") && Set.of("create", "restore").contains(call.verb())
                ? List.of(Moment.values())
                : List.of(Moment.BEFORE, Moment.AFTER);
    }

    /** A shim kills what it has started when its caller is gone; the daemon's own live on. */
    private static List<Outcome> outcomes(HeldPoint point) {
        return Set.of("runc", "criu").contains(point.program())
                ? List.of(Outcome.LET_GO, Outcome.KILLED)
                : List.of(Outcome.values());
    }

    /** The calls of a pod's life, each with its number among those of its name. */
    private List<HeldPoint> learn(PodLife.Kind kind) throws IOException {
        again();
        held.disarm();
        held.learn();
        life(kind, () -> true).live();
        var occurrences = new HashMap<String, Integer>();
        var calls = new ArrayList<HeldPoint>();
        for (var call : held.learnt()) {
            int dot = call.indexOf('.');
            var verb = call.substring(dot + 1);
            if (!QUESTIONS.contains(verb)) {
                int n = occurrences.merge(call, 1, Integer::sum);
                calls.add(new HeldPoint(call.substring(0, dot), verb, n, Moment.BEFORE));
            }
        }
        Print.line("%d calls of foreign programs in a pod's life %s".formatted(calls.size(), kind));
        return calls;
    }

    private PodLife life(PodLife.Kind kind, PodLife.Call<Boolean> beforeRestart) {
        return new PodLife(node, kubelet, kind, checkpoint, HeldPrograms.HANDLER, beforeRestart);
    }

    private void again() throws IOException {
        if (node.daemon().alive()) {
            node.kill();
        }
        node.restart(Map.of());
    }

    /** One life with one cut; true if all was well. */
    private boolean one(PodLife.Kind kind, HeldPoint point, Outcome outcome, String name)
            throws IOException {
        var begun = Instant.now();
        again();
        long cut = node.daemon().pid();
        var before = node.snapshot();
        held.arm(point);
        var released = new CompletableFuture<Boolean>();
        var ended = new CompletableFuture<Boolean>();
        var cutter = Thread.ofVirtual().start(() -> cutWhenHeld(outcome, released, ended));
        var life = life(kind, () -> awaited(released));
        var problems = new ArrayList<String>();
        try {
            life.live();
        } catch (AssertionError | RuntimeException broken) {
            problems.add(String.valueOf(broken.getMessage()));
            problems.add(life.daemonLog());
        }
        ended.complete(true);
        join(cutter);
        held.letGo();
        if (!problems.isEmpty() || !node.daemon().alive()) {
            rescue();
        }
        problems.addAll(node.changesSince(before));
        problems.addAll(Audit.findings(node.client()));
        var words =
                node.daemon().pid() == cut
                        ? "not reached"
                        : life.seen().isEmpty() ? "unnoticed" : String.join(" ", life.seen());
        tell(point, outcome, name, words, Duration.between(begun, Instant.now()), problems);
        return problems.isEmpty();
    }

    private void tell(
            HeldPoint point,
            Outcome outcome,
            String name,
            String words,
            Duration took,
            List<String> problems) {
        boolean well = problems.isEmpty();
        report.add("held " + name, took, String.join("\n", problems));
        table.computeIfAbsent(point.toString(), _ -> new EnumMap<>(Outcome.class))
                .put(outcome, well ? words : "FAIL " + words);
        Print.line(
                "%-5s %s: %s (%d ms)"
                        .formatted(well ? "ok" : "FAIL", name, words, took.toMillis()));
        problems.forEach(problem -> Print.line(problem.indent(6).stripTrailing()));
        passed += well ? 1 : 0;
        failed += well ? 0 : 1;
    }

    /**
     * Kills the daemon once the program is held; {@code released} is done when a next may start.
     */
    private void cutWhenHeld(
            Outcome outcome,
            CompletableFuture<Boolean> released,
            CompletableFuture<Boolean> ended) {
        try {
            Waiting.until(
                    "a held program, or the end of a life",
                    Duration.ofMinutes(10),
                    () -> held.holding().isPresent() || ended.isDone());
            var pid = held.holding();
            if (pid.isEmpty()) {
                return;
            }
            long said = Files.size(node.folders().daemonLog());
            node.daemon().kill();
            switch (outcome) {
                case LET_GO -> held.letGo();
                case KILLED -> held.kill(pid.getAsLong());
                case LATE -> {
                    released.complete(true);
                    var process = Path.of("/proc", Long.toString(pid.getAsLong()));
                    Waiting.until(
                            "the end of a recovery",
                            SOON,
                            () -> !Files.exists(process) || recovered(said) || ended.isDone());
                    held.letGo();
                }
            }
        } catch (IOException | AssertionError failure) {
            released.completeExceptionally(failure);
        } finally {
            released.complete(true);
        }
    }

    private boolean recovered(long since) throws IOException {
        try (var log = Files.newInputStream(node.folders().daemonLog())) {
            log.skipNBytes(since);
            return new String(log.readAllBytes(), UTF_8).contains("recovered ");
        }
    }

    private static boolean awaited(CompletableFuture<Boolean> released) throws IOException {
        try {
            return released.get(SOON.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException failure) {
            throw new IOException("the held program was not released: " + failure, failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a program was released", stopped);
        }
    }

    private static void join(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a program was held", stopped);
        }
    }

    /** After a life that did not end well: a new daemon, and no pod. */
    private void rescue() throws IOException {
        again();
        try {
            new PodLife(node, kubelet, PodLife.Kind.PLAIN, checkpoint).endAll();
        } catch (AssertionError | RuntimeException stays) {
            Print.line("      cannot be removed either: " + stays.getMessage());
        }
    }

    void print() {
        if (table.isEmpty()) {
            return;
        }
        Print.line("");
        row("held program", "let go", "killed", "let go after the recovery");
        table.forEach(
                (point, cells) ->
                        row(
                                point,
                                cells.getOrDefault(Outcome.LET_GO, "-"),
                                cells.getOrDefault(Outcome.KILLED, "-"),
                                cells.getOrDefault(Outcome.LATE, "-")));
        Print.line("");
    }

    private static void row(String point, String letGo, String killed, String late) {
        Print.line("%-26s | %-46s | %-46s | %s".formatted(point, letGo, killed, late));
    }
}
