package io.berth.e2e.load;

import io.berth.e2e.cri.CriClient;
import io.berth.e2e.node.TestNode;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Another client of a daemon that is under attack: it asks twice a second, from the start until the
 * close, and each answer has to come within some seconds.
 */
final class Bystander implements AutoCloseable {
    private static final long SECONDS = 10;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration END = Duration.ofSeconds(2 * SECONDS);

    private final CriClient client;
    private final CountDownLatch over = new CountDownLatch(1);
    private final List<String> faults = new ArrayList<>();
    private final Thread asking;
    private int answers;
    private long slowestNanos;

    private Bystander(CriClient client) {
        this.client = client;
        this.asking = Thread.ofPlatform().name("bystander").unstarted(this::ask);
    }

    static Bystander start(TestNode node) {
        var bystander = new Bystander(CriClient.of(node.folders().socket()));
        bystander.asking.start();
        return bystander;
    }

    private void ask() {
        try {
            do {
                one();
            } while (!over.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void one() {
        long began = System.nanoTime();
        String fault = null;
        try {
            client.version(SECONDS);
        } catch (StatusRuntimeException silent) {
            fault = "Version of another client: found %s".formatted(silent.getStatus());
        }
        long took = System.nanoTime() - began;
        synchronized (faults) {
            slowestNanos = Math.max(slowestNanos, took);
            if (fault == null) {
                answers++;
            } else {
                faults.add(fault);
            }
        }
    }

    /** Ends the asking, and returns a line for each answer that did not come. */
    List<String> end() throws InterruptedException {
        over.countDown();
        asking.join(END);
        synchronized (faults) {
            return List.copyOf(faults);
        }
    }

    @Override
    public String toString() {
        synchronized (faults) {
            return "%d answers, the slowest after %d ms"
                    .formatted(answers, TimeUnit.NANOSECONDS.toMillis(slowestNanos));
        }
    }

    @Override
    public void close() {
        over.countDown();
        client.close();
    }
}
