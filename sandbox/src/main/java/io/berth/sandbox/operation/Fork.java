package io.berth.sandbox.operation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Runs pieces of one operation side by side and returns when all have ended, so that an undo never
 * races with them. The first failure is thrown, with the others suppressed in it.
 */
final class Fork {
    private final String name;
    private final List<CompletableFuture<Void>> pieces = new ArrayList<>();

    Fork(String name) {
        this.name = name;
    }

    /** A piece of work that yields nothing. */
    @FunctionalInterface
    interface Piece {
        void run() throws IOException;
    }

    /** Starts a piece on a virtual thread, within the current operation. */
    Fork start(Piece piece) {
        var done = new CompletableFuture<Void>();
        var inherited =
                Operations.inherit(
                        () -> {
                            piece.run();
                            return true;
                        });
        Thread.ofVirtual()
                .name(name + "-" + pieces.size())
                .start(
                        () -> {
                            try {
                                inherited.run();
                                done.complete(null);
                            } catch (Throwable failure) {
                                done.completeExceptionally(failure);
                            }
                        });
        pieces.add(done);
        return this;
    }

    /** Waits for every piece. */
    void join() throws IOException {
        Throwable first = null;
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
        switch (first) {
            case null -> {}
            case IOException failure -> throw failure;
            case RuntimeException failure -> throw failure;
            case Error error -> throw error;
            default -> throw new IllegalStateException(name + ": " + first.getMessage(), first);
        }
    }
}
