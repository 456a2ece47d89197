package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OperationsTest {
    private static final OperationKey KEY = new OperationKey("RunPodSandbox", "web_default_u1_0");

    private final Operations operations = new Operations(Clock.systemUTC());
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch leave = new CountDownLatch(1);
    private final AtomicInteger runs = new AtomicInteger();

    private String slow() throws IOException {
        runs.incrementAndGet();
        entered.countDown();
        try {
            leave.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return "id-1";
    }

    @Test
    void equalRequestsShareOneRun() throws Exception {
        var first = CompletableFuture.supplyAsync(() -> operations.run(KEY, "h", this::slow));
        entered.await();
        var second = CompletableFuture.supplyAsync(() -> operations.run(KEY, "h", this::slow));
        leave.countDown();
        assertThat(first.get()).isEqualTo("id-1");
        assertThat(second.get()).isEqualTo("id-1");
        assertThat(runs.get()).isBetween(1, 2); // the second may have come after the end
    }

    @Test
    void anotherRequestUnderTheNameIsRefusedWithTheStage() throws Exception {
        var first = CompletableFuture.supplyAsync(() -> operations.run(KEY, "h", this::slow));
        entered.await();
        assertThatThrownBy(() -> operations.run(KEY, "other", this::slow))
                .isInstanceOf(SandboxException.AlreadyExists.class)
                .hasMessageContaining("RunPodSandbox web_default_u1_0")
                .hasMessageContaining("at stage 'queued'");
        leave.countDown();
        first.get();
    }

    @Test
    void aDeadlineLeavesTheWorkRunningForTheRetry() throws Exception {
        var soon = Instant.now().plusMillis(50);
        assertThatThrownBy(
                        () ->
                                ScopedValue.where(RequestDeadline.UNTIL, soon)
                                        .call(() -> operations.run(KEY, "h", this::slow)))
                .isInstanceOf(SandboxException.StillRunning.class)
                .hasMessageContaining("a retry joins it");
        var retry = CompletableFuture.supplyAsync(() -> operations.run(KEY, "h", this::slow));
        leave.countDown();
        assertThat(retry.get()).isEqualTo("id-1");
    }

    @Test
    void aFailureReachesEveryWaiterAndFreesTheName() {
        assertThatThrownBy(
                        () ->
                                operations.run(
                                        KEY,
                                        "h",
                                        () -> {
                                            throw new IOException("cni: no plugin 'bridge'");
                                        }))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessageContaining("no plugin 'bridge'");
        assertThat(operations.run(KEY, "other", () -> "free")).isEqualTo("free");
    }

    @Test
    void piecesBesideAnOperationNameItsStages() throws Exception {
        var first =
                CompletableFuture.supplyAsync(
                        () ->
                                operations.run(
                                        KEY,
                                        "h",
                                        () -> {
                                            Operations.beside("test")
                                                    .start(
                                                            () -> {
                                                                Operations.stage("cni.add");
                                                                slow();
                                                            })
                                                    .join();
                                            return "id-1";
                                        }));
        entered.await();
        assertThatThrownBy(() -> operations.run(KEY, "other", this::slow))
                .hasMessageContaining("at stage 'cni.add'");
        leave.countDown();
        assertThat(first.get()).isEqualTo("id-1");
    }

    @Test
    void turnsOfAnObjectAreForgottenWithTheLastOfThem() throws Exception {
        var inner =
                operations.exclusively("a", () -> operations.exclusively("b", operations::busy));
        assertThat(inner).isEqualTo(2);
        assertThat(operations.busy()).isZero();
    }
}
