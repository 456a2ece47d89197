package io.berth.sandbox.operation;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The end of the call that this thread answers; bound by the CRI endpoint for each request. */
public final class CallEnd {
    /**
     * Completes when the caller has given up (cancelled, hung up, or waited to its deadline), or
     * else when it has the answer. So before there is an answer it says that nobody wants one.
     */
    public static final ScopedValue<CompletableFuture<@Nullable Void>> SIGNAL =
            ScopedValue.newInstance();

    private CallEnd() {}
}
