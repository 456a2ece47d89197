package io.berth.e2e.load;

import io.berth.cri.v1.ExecSyncRequest;
import io.berth.e2e.node.TestNode;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs short commands in a container, several at a time. */
public final class ExecLoad {
    private static final int WORKERS = 8;
    private static final String SCRIPT = "echo out; echo err >&2; exit 9";

    private final TestNode node;
    private final String container;

    public ExecLoad(TestNode node, String container) {
        this.node = node;
        this.container = container;
    }

    /** Runs so many, each of which has to give its output and its code. */
    public void run(int count) throws InterruptedException {
        var left = new AtomicInteger(count);
        Workers.run(
                WORKERS,
                () -> {
                    while (left.getAndDecrement() > 0) {
                        one();
                    }
                });
    }

    private void one() {
        var answer =
                node.client()
                        .runtime()
                        .execSync(
                                ExecSyncRequest.newBuilder()
                                        .setContainerId(container)
                                        .addAllCmd(List.of("sh", "-c", SCRIPT))
                                        .setTimeout(60)
                                        .build());
        var found =
                "%d %s%s"
                        .formatted(
                                answer.getExitCode(),
                                answer.getStdout().toStringUtf8(),
                                answer.getStderr().toStringUtf8());
        if (!found.equals("9 out\nerr\n")) {
            throw new AssertionError("command: found '" + found + "', wanted 9, out and err");
        }
    }
}
