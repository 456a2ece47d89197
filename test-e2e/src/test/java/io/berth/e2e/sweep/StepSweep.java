package io.berth.e2e.sweep;

import io.berth.e2e.cri.Audit;
import io.berth.e2e.hold.HeldPrograms;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import io.berth.e2e.run.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Runs the sweep and prints, for each step, what was seen with each fault. Options by system
 * properties: {@code sweep.kinds}, of a pod's life; {@code sweep.steps}, a pattern of steps; {@code
 * sweep.actions}; {@code sweep.shard} as I/N; {@code sweep.state}, a file to go on from; {@code
 * sweep.round}, a number that tells its lines from those of other rounds; {@code sweep.held}, a
 * pattern of cuts inside steps, of which none is made without it, see {@link HeldSweep}.
 */
public final class StepSweep {
    private static final List<String> ACTIONS = List.of("fail", "kill-before", "kill-after");
    private static final int MAX_WORDS = 34;

    /**
     * Taken beside the pods' lives, whenever their time has come; and a question that changes
     * nothing.
     */
    private static final Set<String> BACKGROUND =
            Set.of("cni.status", "cni.gc", "runtime.features", "criu.check");

    private final TestNode node;
    private final Kubelet kubelet;
    private final SweptCheckpoint checkpoint;
    private final Report report = new Report("sweep");
    private final Map<String, Map<String, String>> table = new LinkedHashMap<>();
    private int passed;
    private int failed;
    private int audits;

    private StepSweep(TestNode node) {
        this.node = node;
        this.kubelet = new Kubelet(node);
        this.checkpoint = new SweptCheckpoint(node, kubelet);
    }

    public static void main(String[] arguments) throws IOException {
        var state =
                SweepState.of(Optional.ofNullable(System.getProperty("sweep.state")).map(Path::of));
        var node = TestNode.start(Map.of(), HeldSweep.isAsked() ? HeldPrograms::install : _ -> "");
        StepSweep sweep;
        HeldSweep held;
        try (node) {
            sweep = new StepSweep(node);
            sweep.kubelet.warmUp();
            sweep.checkpoint.make();
            sweep.all(state);
            held = new HeldSweep(node, sweep.kubelet, sweep.checkpoint, sweep.report);
            held.all(state);
        }
        sweep.print();
        held.print();
        sweep.report.write(Path.of(System.getProperty("berth.e2e.reports", "target/e2e-reports")));
        int passed = sweep.passed + held.passed();
        int failed = sweep.failed + held.failed();
        Print.line("%d passed, %d failed".formatted(passed, failed));
        System.exit(failed == 0 && passed > 0 ? 0 : 1);
    }

    private void all(SweepState state) throws IOException {
        var pattern = System.getProperty("sweep.steps", ".*");
        var actions =
                List.of(
                        System.getProperty("sweep.actions", String.join(",", ACTIONS))
                                .split(",", -1));
        var shard = System.getProperty("sweep.shard", "0/1").split("/", -1);
        var round = System.getProperty("sweep.round", "0");
        int i = 0;
        var known = new HashSet<String>();
        for (var kind : kinds()) {
            // What a pod of another kind has already gone through is not gone through again.
            var points = learn(kind);
            points.removeIf(
                    point -> known.contains(point.step()) && !kind.anew().contains(point.point()));
            points.forEach(point -> known.add(point.step()));
            Print.line(
                    "%d steps in a pod's life %s, %d runs"
                            .formatted(points.size(), kind, points.size() * actions.size()));
            for (Fault point : points) {
                for (String action : actions) {
                    var fault = new Fault(point.step(), point.occurrence(), action);
                    var name = round + " " + named(kind, fault, fault.specification());
                    boolean mine = i++ % Integer.parseInt(shard[1]) == Integer.parseInt(shard[0]);
                    if (mine
                            && fault.point().matches(pattern)
                            && !state.isDone(name)
                            && one(fault, kind)) {
                        state.add(name);
                    }
                }
            }
        }
    }

    private static List<PodLife.Kind> kinds() {
        var asked = System.getProperty("sweep.kinds", "");
        return asked.isEmpty()
                ? List.of(PodLife.Kind.values())
                : Arrays.stream(asked.split(",", -1)).map(PodLife.Kind::valueOf).toList();
    }

    /** What a fault is called, which a kind before may have had under the same number. */
    private static String named(PodLife.Kind kind, Fault fault, String text) {
        return kind.anew().contains(fault.point()) ? kind + " " + text : text;
    }

    /** The steps of a pod's life, each with its number among those of its name since the start. */
    private List<Fault> learn(PodLife.Kind kind) throws IOException {
        var journal = node.folders().steps();
        again(Map.of()); // whoever wrote the journal before has ended
        Files.deleteIfExists(journal);
        again(Map.of("BERTH_STEPS", journal.toString()));
        int atStart = Files.readAllLines(journal).size();
        new PodLife(node, kubelet, kind, checkpoint).live();
        var occurrences = new HashMap<String, Integer>();
        var points = new ArrayList<Fault>();
        int line = 0;
        for (String entry : Files.readAllLines(journal)) {
            var step = entry.split(" ", 2)[0];
            int n = occurrences.merge(step, 1, Integer::sum);
            if (line++ >= atStart && !BACKGROUND.contains(step)) {
                points.add(new Fault(step, n, ""));
            }
        }
        return points;
    }

    private void again(Map<String, String> environment) throws IOException {
        if (node.daemon().alive()) {
            node.kill();
        }
        node.restart(environment);
    }

    /** One life with one fault; true if all was well. */
    private boolean one(Fault fault, PodLife.Kind kind) throws IOException {
        var begun = Instant.now();
        again(Map.of("BERTH_FAULT", fault.specification()));
        long faulty = node.daemon().pid();
        var before = node.snapshot();
        var life = new PodLife(node, kubelet, kind, checkpoint);
        var problems = new ArrayList<String>();
        try {
            life.live();
        } catch (AssertionError | RuntimeException broken) {
            problems.add(String.valueOf(broken.getMessage()));
            problems.add(life.daemonLog());
            rescue();
        }
        problems.addAll(node.changesSince(before));
        audit().forEach(problems::add);
        boolean killed = node.daemon().pid() != faulty;
        boolean reached = killed || !life.seen().isEmpty() || fault.action().equals("fail");
        var words =
                life.seen().isEmpty()
                        ? (reached ? "unnoticed" : "not reached")
                        : String.join(" ", life.seen());
        var took = Duration.between(begun, Instant.now());
        table.computeIfAbsent(named(kind, fault, fault.point()), p -> new TreeMap<>())
                .put(fault.action(), problems.isEmpty() ? words : "FAIL " + words);
        var name = named(kind, fault, fault.specification());
        report.add(name, took, String.join("\n", problems));
        Print.line(
                "%-5s %s: %s (%d ms)"
                        .formatted(
                                problems.isEmpty() ? "ok" : "FAIL", name, words, took.toMillis()));
        problems.forEach(problem -> Print.line(problem.indent(6).stripTrailing()));
        if (problems.isEmpty()) {
            passed++;
        } else {
            failed++;
        }
        return problems.isEmpty();
    }

    private List<String> audit() throws IOException {
        var findings = Audit.findings(node.client());
        if (findings.isEmpty() || !findings.getFirst().equals(Audit.NONE)) {
            audits++;
            return findings;
        }
        return List.of();
    }

    /** After a life that did not end well: a daemon without a fault, and no pod. */
    private void rescue() throws IOException {
        again(Map.of());
        try {
            new PodLife(node, kubelet, PodLife.Kind.PLAIN, checkpoint).endAll();
        } catch (AssertionError | RuntimeException stays) {
            Print.line("      cannot be removed either: " + stays.getMessage());
        }
    }

    private void print() {
        Print.line("");
        Print.line(
                "%-34s | %-34s | %-34s | %s"
                        .formatted("step", ACTIONS.get(0), ACTIONS.get(1), ACTIONS.get(2)));
        table.forEach(
                (point, cells) ->
                        Print.line(
                                "%-34s | %-34s | %-34s | %s"
                                        .formatted(
                                                point,
                                                cell(cells, 0),
                                                cell(cells, 1),
                                                cell(cells, 2))));
        Print.line("");
        Print.line("audits made: %d of %d".formatted(audits, passed + failed));
    }

    private static String cell(Map<String, String> cells, int action) {
        var words = cells.getOrDefault(ACTIONS.get(action), "-");
        return words.length() <= MAX_WORDS ? words : words.substring(0, MAX_WORDS - 1) + "…";
    }
}
