package io.berth.sandbox.operation;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Whether the caller of this thread still waits; bound by the CRI endpoint for each request. */
public final class CallerLeft {
    /** Completes when the caller has given up: cancelled, hung up, or waited to its deadline. */
    public static final ScopedValue<CompletableFuture<@Nullable Void>> SIGNAL =
            ScopedValue.newInstance();

    private CallerLeft() {}
}
