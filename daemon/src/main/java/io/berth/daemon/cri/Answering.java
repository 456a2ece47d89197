package io.berth.daemon.cri;

import io.berth.sandbox.operation.RequestDeadline;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Answers one request by the outcome of plain code, within the caller's deadline. */
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
        var deadline = Context.current().getDeadline();
        if (deadline == null) {
            return body.run();
        }
        var left = Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS)).minus(MARGIN);
        return ScopedValue.where(RequestDeadline.UNTIL, Instant.now().plus(left)).call(body::run);
    }
}
