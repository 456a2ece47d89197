package io.berth.e2e.load;

import io.berth.cri.v1.ExecSyncRequest;
import io.berth.e2e.node.TestNode;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Runs many commands in one container in the very same moment: shims lose the ends of such. */
public final class ExecBurst {
    private final TestNode node;
    private final String container;
    private final int callers;

    public ExecBurst(TestNode node, String container, int callers) {
        this.node = node;
        this.container = container;
        this.callers = callers;
    }

    /** One round: how many calls failed, and how long the slowest took. */
    public record Round(int failed, Duration slowest) {}

    /** All callers call once; each has to get its own code. */
    public Round run() throws InterruptedException {
        var next = new AtomicInteger();
        var failed = new AtomicInteger();
        var slowest = new AtomicLong();
        Workers.run(
                callers,
                () -> {
                    int code = next.getAndIncrement() % 100;
                    long begun = System.nanoTime();
                    try {
                        if (exec(code) != code) {
                            failed.incrementAndGet();
                        }
                    } catch (StatusRuntimeException refused) {
                        failed.incrementAndGet();
                    }
                    slowest.accumulateAndGet(System.nanoTime() - begun, Math::max);
                });
        return new Round(failed.get(), Duration.ofNanos(slowest.get()));
    }

    private int exec(int code) {
        return node.client()
                .runtime()
                .execSync(
                        ExecSyncRequest.newBuilder()
                                .setContainerId(container)
                                .addAllCmd(List.of("sh", "-c", "exit " + code))
                                .setTimeout(60)
                                .build())
                .getExitCode();
    }
}
