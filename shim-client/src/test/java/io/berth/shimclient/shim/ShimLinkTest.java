package io.berth.shimclient.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Empty;
import io.berth.linux.step.Steps;
import io.berth.shim.v3.KillRequest;
import io.berth.shim.v3.StateRequest;
import io.berth.shim.v3.StateResponse;
import io.berth.shim.v3.WaitRequest;
import io.berth.shim.v3.WaitResponse;
import io.berth.shimclient.ttrpc.StatusCode;
import io.berth.shimclient.ttrpc.TtrpcException;
import io.berth.shimclient.ttrpc.TtrpcServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a broken connection means, and what it does not; the shim is a server of ours. */
@Timeout(60)
class ShimLinkTest {
    private static final StateRequest STATE = StateRequest.newBuilder().setId("c").build();
    private static final WaitRequest WAIT = WaitRequest.newBuilder().setId("c").build();
    private static final KillRequest KILL = KillRequest.newBuilder().setId("c").build();

    @TempDir Path directory;
    private final AtomicInteger kills = new AtomicInteger();
    private final CountDownLatch waits = new CountDownLatch(1);
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private StatusCode refusal = StatusCode.OK;
    private TtrpcServer server;
    private ShimLink link;

    @BeforeEach
    void connect() throws IOException {
        server = serve();
        var bootstrap = new Bootstrap(TaskApi.V3, directory.resolve("shim"));
        var settings =
                new ShimSettings(
                        "k8s.io",
                        directory.resolve("grpc"),
                        directory.resolve("ttrpc"),
                        Path.of("/bin/true"),
                        ShimTimeouts.DEFAULT);
        link = new ShimLink("pod", bootstrap, settings, ShimLink.connect(bootstrap, settings));
    }

    private TtrpcServer serve() throws IOException {
        var service = TaskApi.V3.service();
        var made =
                TtrpcServer.bind(directory.resolve("shim"))
                        .handle(
                                service,
                                "State",
                                StateRequest.parser(),
                                (q, m) -> {
                                    if (refusal != StatusCode.OK) {
                                        throw new TtrpcException.Refused(refusal, "words");
                                    }
                                    return StateResponse.newBuilder().setPid(5).build();
                                })
                        .handle(
                                service,
                                "Wait",
                                WaitRequest.parser(),
                                (q, m) -> {
                                    waits.countDown();
                                    return WaitResponse.newBuilder()
                                            .setExitStatus(exit.join())
                                            .build();
                                })
                        .handle(
                                service,
                                "Kill",
                                KillRequest.parser(),
                                (q, m) -> {
                                    kills.incrementAndGet();
                                    closeServer();
                                    return Empty.getDefaultInstance();
                                });
        made.start();
        return made;
    }

    private void closeServer() {
        try {
            server.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        exit.complete(0);
        link.close();
        closeServer();
    }

    private StateResponse state() {
        return link.call(TaskMethod.STATE, "c", STATE, StateResponse.parser());
    }

    @Test
    void brokenConnectionUnderALiveShimIsMadeAgain() throws IOException {
        assertThat(state().getPid()).isEqualTo(5);
        closeServer();
        assertThatThrownBy(this::state)
                .isInstanceOf(ShimException.Failed.class)
                .hasMessageContaining("connection lost, the shim lives");
        server = serve();
        assertThat(state().getPid()).isEqualTo(5);
    }

    @Test
    void waitGoesOnOverANewConnection() throws Exception {
        var waiting = CompletableFuture.supplyAsync(this::waitForEnd);
        waits.await();
        closeServer();
        server = serve();
        exit.complete(3);
        assertThat(waiting.get().getExitStatus()).isEqualTo(3);
    }

    @Test
    void callThatChangesSomethingIsNeverMadeTwice() throws IOException {
        assertThatThrownBy(
                        () ->
                                Steps.run(
                                        "test.kill",
                                        "c",
                                        () ->
                                                link.call(
                                                        TaskMethod.KILL,
                                                        "c",
                                                        KILL,
                                                        Empty.parser())))
                .isInstanceOf(ShimException.Failed.class)
                .hasMessageContaining("connection lost, the shim lives");
        assertThat(kills).hasValue(1);
    }

    @Test
    void callThatChangesSomethingWantsAStep() {
        assertThatThrownBy(() -> link.call(TaskMethod.KILL, "c", KILL, Empty.parser()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("shim pod: Kill c");
    }

    @Test
    void deathEndsCallsInProgressAndLaterOnes() throws Exception {
        var waiting = CompletableFuture.supplyAsync(this::waitForEnd);
        waits.await();
        link.processIsGone();
        assertThatThrownBy(waiting::get).hasCauseInstanceOf(ShimException.ShimLost.class);
        assertThatThrownBy(this::state).isInstanceOf(ShimException.ShimLost.class);
    }

    @Test
    void aCloseOfThisSideGivesUpCallsInProgressAndLaterOnes() throws Exception {
        var waiting = CompletableFuture.supplyAsync(this::waitForEnd);
        waits.await();
        link.close();
        assertThatThrownBy(waiting::get).hasCauseInstanceOf(ShimException.GivenUp.class);
        assertThatThrownBy(this::state).isInstanceOf(ShimException.GivenUp.class);
        assertThat(link.isAlive()).isTrue();
    }

    /** What the kernel says stands, whatever this side did meanwhile. */
    @Test
    void aDeathIsOneBeforeAndAfterAClose() {
        link.close();
        link.processIsGone();
        assertThatThrownBy(this::state).isInstanceOf(ShimException.ShimLost.class);
        assertThatThrownBy(this::waitForEnd).isInstanceOf(ShimException.ShimLost.class);
        link.close();
        assertThatThrownBy(this::state).isInstanceOf(ShimException.ShimLost.class);
    }

    @Test
    void anInterruptGivesCallsUp() throws Exception {
        var given = new CompletableFuture<Throwable>();
        var waiting =
                Thread.ofVirtual().start(() -> given.complete(catchThrowable(this::waitForEnd)));
        waits.await();
        waiting.interrupt();
        assertThat(given.get()).isInstanceOf(ShimException.GivenUp.class);
        assertGivenUp(this::state);
    }

    @Test
    void anInterruptGivesUpTheWaitForAConnection() {
        closeServer();
        assertGivenUp(this::state);
        assertGivenUp(this::waitForEnd);
    }

    private static void assertGivenUp(ThrowingCallable call) {
        Thread.currentThread().interrupt();
        var thrown = catchThrowable(call);
        assertThat(Thread.interrupted()).as("still interrupted").isTrue();
        assertThat(thrown).isInstanceOf(ShimException.GivenUp.class);
    }

    private WaitResponse waitForEnd() {
        return link.callWithoutDeadline("Wait", "c", WAIT, WaitResponse.parser());
    }

    @Test
    void statusesBecomeWhatTheCallerDoesAboutThem() {
        assertRefused(StatusCode.NOT_FOUND, ShimException.NotFound.class);
        assertRefused(StatusCode.ALREADY_EXISTS, ShimException.AlreadyExists.class);
        assertRefused(StatusCode.DEADLINE_EXCEEDED, ShimException.TimedOut.class);
        assertRefused(StatusCode.UNKNOWN, ShimException.Failed.class);
        assertRefused(StatusCode.FAILED_PRECONDITION, ShimException.Failed.class);
    }

    private void assertRefused(StatusCode code, Class<? extends ShimException> wanted) {
        refusal = code;
        assertThatThrownBy(this::state).isInstanceOf(wanted).hasMessage("shim pod: State c: words");
    }
}
