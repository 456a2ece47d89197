package io.berth.daemon.cri;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.sandbox.SandboxException;
import io.berth.sandbox.operation.CallEnd;
import io.berth.sandbox.operation.RequestDeadline;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One request, from what the caller grants to what it is told. */
final class AnsweringTest {
    private final List<String> told = new ArrayList<>();
    private final StreamObserver<String> caller =
            new StreamObserver<>() {
                @Override
                public void onNext(String value) {
                    told.add("value " + value);
                }

                @Override
                public void onError(Throwable failure) {
                    told.add(Status.fromThrowable(failure).getCode().name());
                }

                @Override
                public void onCompleted() {
                    told.add("end");
                }
            };

    @Test
    void aValueIsSentAndEnds() {
        Answering.answer("Any", caller, () -> "yes");
        assertThat(told).containsExactly("value yes", "end");
    }

    @Test
    void aFailureIsItsStatusAlone() {
        Answering.answer(
                "Any",
                caller,
                () -> {
                    throw new SandboxException.NotFound("sandbox x: not there");
                });
        assertThat(told).containsExactly("NOT_FOUND");
    }

    @Test
    void aBrokenInvariantIsAnsweredToo() {
        Answering.answer(
                "Any",
                caller,
                () -> {
                    throw new AssertionError("invariant: broken");
                });
        assertThat(told).containsExactly("INTERNAL");
    }

    @Test
    void aCallerWithoutDeadlineWaitsForEver() {
        Answering.answer("Any", caller, () -> String.valueOf(RequestDeadline.UNTIL.isBound()));
        assertThat(told).containsExactly("value false", "end");
    }

    @Test
    void theCodeLearnsThatItsCallEnd() {
        var context = Context.current().withCancellation();
        context.run(
                () ->
                        Answering.answer(
                                "Any",
                                caller,
                                () -> {
                                    var left = CallEnd.SIGNAL.get();
                                    var before = left.isDone();
                                    context.cancel(null);
                                    return before + " then " + left.isDone();
                                }));
        assertThat(told).containsExactly("value false then true", "end");
    }

    @Test
    void theAnswerHasTimeToReachTheCallerBeforeItsDeadline() {
        var before = Instant.now();
        var seen = new ArrayList<Instant>();
        try (var timer = Executors.newSingleThreadScheduledExecutor()) {
            var context = Context.current().withDeadlineAfter(60, TimeUnit.SECONDS, timer);
            context.run(
                    () ->
                            Answering.answer(
                                    "Any",
                                    caller,
                                    () -> {
                                        seen.add(RequestDeadline.UNTIL.get());
                                        return "bound";
                                    }));
            context.cancel(null);
        }
        var after = Instant.now();
        assertThat(told).containsExactly("value bound", "end");
        assertThat(seen)
                .singleElement()
                .satisfies(
                        until ->
                                assertThat(until)
                                        .isBetween(
                                                before.plus(Duration.ofMillis(59_700)),
                                                after.plus(Duration.ofMillis(59_800))));
    }
}
