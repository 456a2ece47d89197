package io.berth.daemon.cri;

import io.berth.sandbox.operation.CallerLeft;
import io.berth.sandbox.operation.RequestDeadline;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers one request by the outcome of plain code, which learns when the caller gives up. */
final class Answering {
    /** What an answer needs to reach the caller before its deadline. */
    private static final Duration MARGIN = Duration.ofMillis(200);

    private Answering() {}

    /** Plain code that yields the answer. */
    @FunctionalInterface
    interface Body<T> {
        T run() throws Exception;
    }

    /** Sends what the code yields, or the status of what it throws. */
    static <T> void answer(String method, StreamObserver<T> to, Body<T> body) {
        T value;
        try {
            value = within(body);
        } catch (Exception | AssertionError failure) {
            to.onError(StatusMapper.of(method, failure));
            return;
        }
        to.onNext(value);
        to.onCompleted();
    }

    private static <T> T within(Body<T> body) throws Exception {
        var call = Context.current();
        var left = new CompletableFuture<@Nullable Void>();
        Context.CancellationListener listener = _ -> left.complete(null);
        call.addListener(listener, Runnable::run);
        try {
            return bound(call.getDeadline(), left).call(body::run);
        } finally {
            call.removeListener(listener);
        }
    }

    private static ScopedValue.Carrier bound(
            @Nullable Deadline deadline, CompletableFuture<@Nullable Void> left) {
        var caller = ScopedValue.where(CallerLeft.SIGNAL, left);
        if (deadline == null) {
            return caller;
        }
        var rest = Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS)).minus(MARGIN);
        return caller.where(RequestDeadline.UNTIL, Instant.now().plus(rest));
    }
}
