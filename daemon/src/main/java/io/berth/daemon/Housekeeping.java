package io.berth.daemon;

import io.berth.cni.PodNetworks;
import io.berth.linux.step.Steps;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.sandbox.SandboxStore;
import io.berth.storage.lease.Collector;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is done each hour, and once after recovery: plugins are told which pods still live, and
 * content that nothing needs is collected.
 */
final class Housekeeping implements Closeable {
    private static final Logger LOG = System.getLogger(Housekeeping.class.getName());
    private static final Duration PERIOD = Duration.ofHours(1);

    private final PodNetworks networks;
    private final SandboxStore sandboxes;
    private final Collector collector;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("housekeeping").factory());

    Housekeeping(PodNetworks networks, SandboxStore sandboxes, Collector collector) {
        this.networks = networks;
        this.sandboxes = sandboxes;
        this.collector = collector;
    }

    /**
     * Begins, unless it is closed by now; to be called when every pod has been recovered, so that
     * none is taken for gone.
     */
    void start() {
        try {
            var _ =
                    clock.scheduleWithFixedDelay(
                            this::run, 0, PERIOD.toSeconds(), TimeUnit.SECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.log(Logger.Level.DEBUG, "housekeeping: the daemon ends before its first time");
        }
    }

    private void run() {
        try {
            var live = mayHaveNetwork(sandboxes.all());
            Steps.run(
                            "cni.gc",
                            "networks",
                            () ->
                                    networks.gc(
                                            live.map(s -> s.id().value())
                                                    .collect(Collectors.toSet())))
                    .forEach(left -> LOG.log(Logger.Level.WARNING, left.getMessage()));
            var collected = collector.collect();
            LOG.log(Logger.Level.DEBUG, "collected {0}", collected);
        } catch (IOException | RuntimeException failure) {
            // The next hour tries again; an exception that left here would end the series.
            LOG.log(Logger.Level.WARNING, "housekeeping: " + failure.getMessage(), failure);
        }
    }

    private static Stream<PodSandbox> mayHaveNetwork(Collection<PodSandbox> all) {
        return all.stream().filter(s -> !(s.state() instanceof SandboxState.Stopped));
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
