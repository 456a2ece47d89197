package io.berth.cni;

import io.berth.linux.step.Steps;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Work that goes on beside its caller, within the same step. {@link #close} waits for its end and
 * throws its failure, so that an undo never races with it.
 */
final class Beside implements AutoCloseable {
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();

    private Beside() {}

    /** Starts work, which ends by itself, on a virtual thread of this name. */
    static Beside start(String name, Runnable work) {
        var step = Steps.capture();
        var beside = new Beside();
        Thread.ofVirtual()
                .name(name)
                .start(
                        () -> {
                            try {
                                step.run(work);
                                beside.done.complete(true);
                            } catch (Throwable failure) {
                                beside.done.completeExceptionally(failure);
                            }
                        });
        return beside;
    }

    @Override
    public void close() {
        try {
            done.join();
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw failed;
            }
        }
    }
}
