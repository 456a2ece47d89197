package io.berth.daemon.cri;

import io.berth.linux.foreign.ForeignScope;
import io.berth.linux.foreign.MemoryExhausted;
import io.berth.sandbox.operation.CallEnd;
import io.berth.sandbox.operation.RequestDeadline;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers one request by the outcome of plain code, which learns of the call's end. */
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
        try {
            to.onNext(value);
        } catch (MemoryExhausted full) {
            to.onError(StatusMapper.of(method, full));
            return;
        }
        to.onCompleted();
    }

    /** gRPC cancels a call's context at its end, whatever that is. */
    private static <T> T within(Body<T> body) throws Exception {
        var call = Context.current();
        var over = new CompletableFuture<@Nullable Void>();
        call.addListener(_ -> over.complete(null), Runnable::run);
        return bound(call.getDeadline(), over).call(body::run);
    }

    private static ScopedValue.Carrier bound(
            @Nullable Deadline deadline, CompletableFuture<@Nullable Void> over) {
        var memory = CallMemory.SCOPE.get(Context.current());
        var ended = ScopedValue.where(CallEnd.SIGNAL, over);
        var call = memory == null ? ended : ended.where(ForeignScope.CURRENT, memory);
        if (deadline == null) {
            return call;
        }
        var rest = Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS)).minus(MARGIN);
        return call.where(RequestDeadline.UNTIL, Instant.now().plus(rest));
    }
}
