package io.berth.linux.step;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;

/**
 * Pieces of work that go on beside each other and beside who starts them, within the step that is
 * open there. {@link #join} waits for the end of all, so that an undo never races with them: no
 * failure and no interrupt cuts it short. Of the failures that of the piece that was started first
 * is thrown, with the others suppressed in it.
 *
 * <p>Used by one thread. Every piece has to end by itself.
 */
public final class Beside implements AutoCloseable {
    private final String name;
    private final UnaryOperator<StepAction> inherit;
    private final List<CompletableFuture<Boolean>> pieces = new ArrayList<>();

    /** Pieces whose threads are called {@code name} and their number. */
    public Beside(String name) {
        this(name, UnaryOperator.identity());
    }

    /**
     * The same of work that has more to take along than its open step.
     *
     * @param inherit called by who starts a piece; returns the piece as its thread runs it
     */
    public Beside(String name, UnaryOperator<StepAction> inherit) {
        this.name = name;
        this.inherit = inherit;
    }

    /** Starts a piece on a virtual thread. */
    public Beside start(StepAction piece) {
        var step = Steps.capture();
        var inherited = inherit.apply(piece);
        var stages = Stages.fork();
        var done = new CompletableFuture<Boolean>();
        Thread.ofVirtual()
                .name(name + "-" + pieces.size())
                .start(
                        () -> {
                            try {
                                step.callBody(() -> inBranch(stages, inherited));
                                stages.ifPresent(Stages.Branch::end);
                                done.complete(true);
                            } catch (Throwable failure) {
                                stages.ifPresent(Stages.Branch::end);
                                done.completeExceptionally(failure);
                            }
                        });
        pieces.add(done);
        return this;
    }

    private static boolean inBranch(Optional<Stages.Branch> stages, StepAction piece)
            throws IOException {
        StepBody<Boolean> body =
                () -> {
                    piece.run();
                    return true;
                };
        return stages.isPresent() ? stages.get().call(body) : body.run();
    }

    /** Waits for every piece. An interrupt meanwhile is there afterwards. */
    public void join() throws IOException {
        Throwable first = null;
        Stages.joining(true);
        for (var piece : pieces) {
            try {
                piece.join();
            } catch (CompletionException e) {
                var cause = e.getCause() == null ? e : e.getCause();
                if (first == null) {
                    first = cause;
                } else {
                    first.addSuppressed(cause);
                }
            }
        }
        Stages.joining(false);
        switch (first) {
            case null -> {}
            case IOException failure -> throw failure;
            case RuntimeException failure -> throw failure;
            case Error error -> throw error;
            default -> throw new IllegalStateException(name + ": " + first.getMessage(), first);
        }
    }

    /** As {@link #join}, whose failure is suppressed in that of the block. */
    @Override
    public void close() throws IOException {
        join();
    }
}
