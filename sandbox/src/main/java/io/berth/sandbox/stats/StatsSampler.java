package io.berth.sandbox.stats;

import io.berth.linux.CgroupPath;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxStore;
import java.io.Closeable;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.HashSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Takes samples in the background, every ten seconds as cAdvisor does: one small file a pod and a
 * container, and the writable layers that are due.
 */
public final class StatsSampler implements Closeable {
    private static final Logger LOG = System.getLogger(StatsSampler.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private final SandboxStore sandboxes;
    private final ContainerStore containers;
    private final Sources sources;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("stats").factory());

    public StatsSampler(
            SandboxStore sandboxes,
            ContainerStore containers,
            Sources sources,
            LongSupplier nanoTime) {
        this.sandboxes = sandboxes;
        this.containers = containers;
        this.sources = sources;
        this.nanoTime = nanoTime;
    }

    /** Begins, with the first samples. */
    public void start() {
        var _ =
                clock.scheduleWithFixedDelay(
                        this::run, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void run() {
        try {
            sample();
        } catch (RuntimeException failure) {
            // The next round tries again; an exception that left here would end the series.
            LOG.log(Logger.Level.WARNING, "stats: not sampled", failure);
        }
    }

    /** Takes one sample of everything. */
    void sample() {
        var live = new HashSet<String>();
        for (var sandbox : sandboxes.all()) {
            if (sandbox.ready()) {
                live.add(sandbox.id().value());
                sample(sandbox.id().value(), sources.cgroups().ofPod().apply(sandbox));
            }
        }
        var all = containers.all();
        for (var container : all) {
            if (container.state() instanceof ContainerState.Running) {
                sandboxes
                        .find(container.sandbox())
                        .ifPresent(
                                pod -> {
                                    live.add(container.id().value());
                                    sample(container.id().value(), cgroup(pod, container));
                                });
            }
        }
        sources.rates().retain(live);
        sources.layers().refresh(all.stream().filter(Container::listed).toList());
    }

    private CgroupPath cgroup(PodSandbox pod, Container container) {
        return sources.cgroups().ofContainer().apply(pod, container);
    }

    private void sample(String id, CgroupPath cgroup) {
        sources.usage()
                .cpuNanos(cgroup)
                .ifPresent(nanos -> sources.rates().add(id, nanoTime.getAsLong(), nanos));
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
