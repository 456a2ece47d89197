package io.berth.linux.step;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The stages that one piece of work is in. Work that goes on side by side has a branch each, and
 * each branch is in one stage: the step that is open, or else the last one that it reached. A
 * branch that waits for its own branches is in none.
 *
 * <p>Time is taken from a clock that never jumps.
 */
public final class Stages {
    private static final ScopedValue<Branch> CURRENT = ScopedValue.newInstance();

    private final Set<Branch> branches = ConcurrentHashMap.newKeySet();
    private final Branch trunk;

    /** Work that is in the stage {@code first} until it begins. */
    public Stages(String first) {
        this.trunk = new Branch(null, first);
        branches.add(trunk);
    }

    /** A stage, and how long it has lasted. */
    public record Open(String name, Duration lasted) {}

    private record Stage(String name, long sinceNanos) {
        static Stage now(String name) {
            return new Stage(name, System.nanoTime());
        }
    }

    /** Work on one thread. */
    public final class Branch {
        private final @Nullable Branch parent;
        private final AtomicInteger children = new AtomicInteger();
        private volatile Stage stage;

        /** Whether it has reached no stage since it made a branch, or waits for its branches. */
        private volatile boolean quiet;

        private int depth;

        private Branch(@Nullable Branch parent, String first) {
            this.parent = parent;
            this.stage = Stage.now(first);
        }

        /** Runs work of this branch on the calling thread. */
        public <T> T call(StepBody<T> work) throws IOException {
            return ScopedValue.where(CURRENT, this).call(work::run);
        }

        /** Ends the branch. */
        public void end() {
            branches.remove(this);
            if (parent != null) {
                parent.children.decrementAndGet();
            }
        }

        private void reach(Stage now) {
            stage = now;
            quiet = false;
        }

        private Branch fork() {
            var child = new Branch(this, stage.name());
            children.incrementAndGet();
            quiet = true;
            branches.add(child);
            return child;
        }
    }

    /** The branch that the work itself goes on in. */
    public Branch trunk() {
        return trunk;
    }

    /** A new branch of the work on this thread, if its stages are kept; to be ended. */
    static Optional<Branch> fork() {
        return CURRENT.isBound() ? Optional.of(CURRENT.get().fork()) : Optional.empty();
    }

    /** The work on this thread has reached a stage. */
    public static void reach(String name) {
        if (CURRENT.isBound()) {
            CURRENT.get().reach(Stage.now(name));
        }
    }

    /** The work on this thread begins or ceases to wait for the branches that it has made. */
    static void joining(boolean now) {
        if (CURRENT.isBound()) {
            CURRENT.get().quiet = now;
        }
    }

    /** Runs a step: it is the stage of this thread's work while it lasts. */
    static <T> T within(String name, StepBody<T> step) throws IOException {
        if (!CURRENT.isBound()) {
            return step.run();
        }
        var branch = CURRENT.get();
        var outer = branch.stage;
        branch.reach(Stage.now(name));
        branch.depth++;
        try {
            return step.run();
        } finally {
            branch.depth--;
            if (branch.depth > 0) {
                branch.stage = outer;
            }
        }
    }

    /** The stages of all branches, each name once, the one that lasts longest first. */
    public List<Open> open() {
        long now = System.nanoTime();
        var open = new ArrayList<Open>();
        for (var branch : branches) {
            if (!branch.quiet || branch.children.get() == 0) {
                var at = branch.stage;
                open.add(new Open(at.name(), Duration.ofNanos(now - at.sinceNanos())));
            }
        }
        open.sort(Comparator.comparing(Open::lasted).reversed());
        var names = new HashSet<String>();
        open.removeIf(stage -> !names.add(stage.name()));
        return open;
    }
}
