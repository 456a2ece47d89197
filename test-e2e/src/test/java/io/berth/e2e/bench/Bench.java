package io.berth.e2e.bench;

import io.berth.e2e.run.Print;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures a CRI runtime, or two in turn, and prints what it has found. Figures only: it fails if
 * something cannot be done, after all that can, and never because it took long.
 */
public final class Bench {
    private static final Duration CLEARING = Duration.ofMinutes(2);
    private static final int WRONG_USAGE = 2;

    private Bench() {}

    /** What a run has found. */
    record Outcome(List<String> machine, Results results) {
        List<String> lines() {
            var lines = new ArrayList<>(machine);
            lines.add("");
            lines.addAll(Table.lines(results));
            return lines;
        }
    }

    public static void main(String[] arguments) {
        var main = Thread.currentThread();
        var hook = new Thread(() -> endOf(main), "end-of-bench");
        Runtime.getRuntime().addShutdownHook(hook);
        int code = run(List.of(arguments));
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            return; // the hook waits for this thread
        }
        System.exit(code);
    }

    /** On a signal: the work is broken off, and what stands is cleared away. */
    private static void endOf(Thread main) {
        main.interrupt();
        try {
            main.join(CLEARING);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }

    private static int run(List<String> arguments) {
        try {
            var options = Options.parse(arguments);
            return measure(options, outcome -> print(options.output(), outcome)) ? 0 : 1;
        } catch (Options.Wrong wrong) {
            Print.note("bench: " + wrong.getMessage() + "; --help says more");
            return WRONG_USAGE;
        } catch (IOException | RuntimeException | AssertionError failure) {
            Print.failure("bench", failure);
            return 1;
        }
    }

    private static void print(Options.Output output, Outcome outcome) throws IOException {
        switch (output) {
            case TABLE -> outcome.lines().forEach(Print::line);
            case JSON -> Print.line(Json.text(outcome.machine(), outcome.results()));
        }
    }

    /** Who wants to know what was found. */
    @FunctionalInterface
    interface Reader {
        void read(Outcome outcome) throws IOException;
    }

    /**
     * Measures the parts that are asked for; whether all of them came to their end. What was found
     * is told before all is cleared away, which can fail too.
     */
    static boolean measure(Options options, Reader reader) throws IOException {
        var machine = new ArrayList<>(Machine.describe());
        try (var field = Field.open(options.contenders())) {
            var results = new Results(titles(field));
            var round =
                    new Round(
                            field.contenders(),
                            field.contenders().stream().map(Pods::new).toList(),
                            options.effort(),
                            results);
            try {
                measure(options, new Course(round), field);
            } finally {
                machine.add("load at the end " + Machine.load());
                reader.read(new Outcome(machine, results));
            }
            return results.failures().isEmpty();
        }
    }

    private static void measure(Options options, Course course, Field field) throws IOException {
        course.run("warming up", LifeCalls::warmUp);
        for (var part : Part.values()) {
            if (options.parts().contains(part)) {
                course.run(part.word(), round -> measure(part, round, field));
            }
        }
        course.run("ending the pods", DaemonFigures::endPods);
    }

    private static void measure(Part part, Round round, Field field) throws IOException {
        switch (part) {
            case START -> DaemonFigures.starts(round);
            case LIFE -> LifeCalls.lives(round);
            case EXEC -> LifeCalls.commands(round);
            case RATE -> PodRates.measure(round);
            case PULL -> ColdPull.measure(round, field.registry());
            case LOG -> LogOutput.measure(round);
            case IDLE -> DaemonFigures.idle(round);
            case RESTART -> DaemonFigures.restarts(round);
            case LIST -> Lists.measure(round);
        }
    }

    /** What they call themselves, with their places where that does not tell them apart. */
    private static List<String> titles(Field field) {
        var titles = field.contenders().stream().map(Contender::title).toList();
        if (titles.stream().distinct().count() == titles.size()) {
            return titles;
        }
        return IntStream.range(0, titles.size())
                .mapToObj(i -> "%s (%d)".formatted(titles.get(i), i + 1))
                .toList();
    }
}
