package io.berth.e2e.bench;

import io.berth.e2e.run.Print;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** What the daemon's process takes to start, and what it and its companions use while idle. */
final class DaemonFigures {
    private static final int WORKERS = 5;
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final String OTHERS = "it was not started here";

    /** Programs that a runtime keeps for each pod or container, and what they are called here. */
    private static final List<Companion> COMPANIONS =
            List.of(
                    new Companion("/containerd-shim-runc-v2", "the shims"),
                    new Companion("/berth-native", "the log writers"),
                    new Companion("/conmon", "conmon"));

    private record Companion(String program, String title) {}

    private DaemonFigures() {}

    /** Starts without pods. */
    static void starts(Round round) throws IOException {
        starts(round, "without pods");
        round.alternate("memory", 1, each -> settled(round, each, "PSS of the daemon, fresh"));
    }

    /** Starts with pods that run. */
    static void restarts(Round round) throws IOException {
        int count = round.effort().standing().idlePods();
        grow(round, count);
        starts(round, "with %d pods".formatted(count));
        var name = "PSS of the daemon, fresh with %d pods".formatted(count);
        round.alternate("memory", 1, each -> settled(round, each, name));
    }

    private static void starts(Round round, String how) throws IOException {
        var figure = Figure.millis("start of the daemon " + how);
        round.alternate(
                "starts " + how,
                round.effort().calls().starts(),
                contender -> {
                    if (contender.own().isEmpty()) {
                        round.missing(figure, contender, OTHERS);
                        return;
                    }
                    var took = contender.own().get().restart();
                    round.add(figure, contender, took.toNanos() / 1e6);
                    contender.reconnect();
                });
    }

    private static void settled(Round round, Contender contender, String name) throws IOException {
        if (contender.own().isEmpty()) {
            round.missing(Figure.megabytes(name), contender, OTHERS);
            return;
        }
        pause(SETTLE);
        round.add(Figure.megabytes(name), contender, ProcessUse.pssMegabytes(contender.pid()));
    }

    /** Memory and processor time of both while nobody asks anything. */
    static void idle(Round round) throws IOException {
        int count = round.effort().standing().idlePods();
        grow(round, count);
        pause(SETTLE);
        var with = " with %d pods".formatted(count);
        for (var contender : round.contenders()) {
            round.with(contender, each -> memory(round, each, with));
        }
        var length = round.effort().standing().idle();
        Print.note("bench: idle for " + length);
        var before = processor(round);
        var begun = System.nanoTime();
        pause(length);
        var seconds = (System.nanoTime() - begun) / 1e9;
        var after = processor(round);
        for (var contender : round.contenders()) {
            int i = contender.index();
            round.add(
                    Figure.processor("idle daemon" + with),
                    contender,
                    (after[i].daemon() - before[i].daemon()) / seconds * 100);
            round.add(
                    Figure.processor("idle companions" + with),
                    contender,
                    (after[i].companions() - before[i].companions()) / seconds * 100);
        }
    }

    private static void memory(Round round, Contender contender, String with) throws IOException {
        round.add(
                Figure.megabytes("PSS of the daemon" + with),
                contender,
                ProcessUse.pssMegabytes(contender.pid()));
        for (var companion : COMPANIONS) {
            var found = ProcessUse.named(companion.program(), round.podsOf(contender).ids());
            double all = 0;
            for (long pid : found) {
                all += ProcessUse.pssMegabytes(pid);
            }
            if (!found.isEmpty()) {
                round.add(Figure.megabytes("PSS of " + companion.title() + with), contender, all);
            }
        }
    }

    /** Seconds of processor time. */
    private record Processor(double daemon, double companions) {}

    private static Processor[] processor(Round round) throws IOException {
        var all = new Processor[round.pods().size()];
        for (var contender : round.contenders()) {
            round.with(contender, each -> all[each.index()] = processor(round, each));
        }
        return all;
    }

    private static Processor processor(Round round, Contender contender) throws IOException {
        double companions = 0;
        for (var companion : COMPANIONS) {
            for (long pid : ProcessUse.named(companion.program(), round.podsOf(contender).ids())) {
                companions += ProcessUse.processorSeconds(pid);
            }
        }
        return new Processor(ProcessUse.processorSeconds(contender.pid()), companions);
    }

    /** Sees to it that every contender has so many pods that stand. */
    static void grow(Round round, int count) throws IOException {
        for (var contender : round.contenders()) {
            Print.note("bench: " + count + " pods");
            round.with(contender, each -> round.podsOf(each).grow(count, WORKERS));
        }
    }

    /** Ends the pods that stand. */
    static void endPods(Round round) throws IOException {
        for (var contender : round.contenders()) {
            round.with(contender, each -> round.podsOf(each).end(WORKERS));
        }
    }

    private static void pause(Duration length) throws IOException {
        long until = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < until) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IOException("interrupted");
            }
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }
}
