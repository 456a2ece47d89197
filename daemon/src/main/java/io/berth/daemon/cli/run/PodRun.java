package io.berth.daemon.cli.run;

import static java.util.Objects.requireNonNullElse;

import io.berth.cri.v1.PodSandboxConfig;
import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.manifest.ContainerMapping;
import io.berth.daemon.cli.manifest.HostFacts;
import io.berth.daemon.cli.manifest.Manifest;
import io.berth.daemon.cli.manifest.Places;
import io.berth.daemon.cli.manifest.PodIdentity;
import io.berth.daemon.cli.manifest.PodMapping;
import io.berth.daemon.cri.client.NodeClient;
import io.berth.daemon.cri.client.NodeException;
import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One pod from its manifest to its end. */
public final class PodRun {
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final long DEFAULT_GRACE_SECONDS = 30;
    private static final long CLEANUP_SECONDS = 120;

    private final NodeClient node;
    private final Console console;
    private final RunOptions options;
    private final Stop stop = new Stop();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final List<String> containers = new ArrayList<>();
    private @Nullable String sandbox;

    public PodRun(NodeClient node, Console console, RunOptions options) {
        this.node = node;
        this.console = console;
        this.options = options;
    }

    /**
     * Runs the pod and returns the first exit code of a container that is not 0, or 0. Everything
     * that this has made is gone then, unless the run is detached. SIGINT and SIGTERM end it early,
     * and the process outlives them until all is removed.
     *
     * @throws RunException if the pod cannot be run
     */
    public int run() throws IOException {
        var manifest = Manifest.read(options.manifest());
        var finished = new CountDownLatch(1);
        var hook =
                new Thread(
                        () -> {
                            stop.request();
                            try {
                                if (!finished.await(CLEANUP_SECONDS, TimeUnit.SECONDS)) {
                                    console.note("giving up; the next run removes what is left");
                                }
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                            }
                        },
                        "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return run(manifest);
        } finally {
            finished.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException _) {
                // it runs: that is why this has ended
            }
        }
    }

    private int run(Manifest manifest) throws IOException {
        var file = options.manifest().toRealPath();
        int attempt = new Leftovers(node, console).clear(manifest, file, options.replace());
        stop.breakably(() -> new PodImages(node, console).bring(manifest));
        var uid = UUID.randomUUID().toString();
        var identity = new PodIdentity(manifest.name(), manifest.namespace(), uid, attempt);
        var folder = new RunFolder(options.data().toAbsolutePath().resolve(uid), uid);
        boolean keep = false;
        try {
            if (!stop.requested()) {
                var places = RunFolder.create(folder, manifest, options.logs());
                var marks = Marks.of(file, options.detach(), folder.folder());
                var host = host();
                var config = PodMapping.sandbox(manifest, identity, places, host, marks);
                start(manifest, identity, places, host, config);
                keep = options.detach() && !stop.requested() && stop.code() == 0;
            }
        } finally {
            if (!keep) {
                cleanUp(manifest, folder);
            }
        }
        var failed = failure.get();
        if (failed != null) {
            throw new RunException(String.valueOf(failed.getMessage()), failed);
        }
        return stop.code();
    }

    private void start(
            Manifest manifest,
            PodIdentity identity,
            Places places,
            HostFacts host,
            PodSandboxConfig config)
            throws IOException {
        var id = node.runPod(config, PodMapping.runtimeHandler(manifest));
        sandbox = id;
        var ip = node.podStatus(id).getNetwork().getIp();
        console.line(
                "pod %s/%s: sandbox %s, IP %s"
                        .formatted(
                                identity.namespace(),
                                identity.name(),
                                id,
                                ip.isEmpty() ? "the host's" : ip));
        RunFolder.writeHosts(places, identity.uid(), PodMapping.hosts(manifest, config, ip));
        var mapping = new ContainerMapping(manifest, identity, places, host, ip);
        var spec = manifest.pod().getSpec();
        for (var container : spec.getInitContainers()) {
            if (stop.requested()) {
                return;
            }
            var run = containerRun(id, config, mapping, container);
            var started = run.start(0);
            containers.add(started);
            int code = following(() -> run.follow(started));
            if (code != 0) {
                stop.ended(code);
                console.line(
                        "pod %s: stops, since init container %s failed"
                                .formatted(identity.name(), run.name()));
                return;
            }
        }
        var kept = new ArrayList<Thread>();
        for (var container : spec.getContainers()) {
            if (stop.requested()) {
                break;
            }
            var run = containerRun(id, config, mapping, container);
            var started = run.start(0);
            containers.add(started);
            if (!options.detach()) {
                kept.add(keep(run, started, policy(manifest)));
            }
        }
        if (options.detach()) {
            return;
        }
        while (!stop.requested() && kept.stream().anyMatch(Thread::isAlive)) {
            stop.await(TICK);
        }
        if (stop.requested()) {
            console.line("pod %s: stopping".formatted(identity.name()));
            stopContainers(manifest);
            settle(kept);
        }
    }

    private interface Following {
        int code() throws IOException;
    }

    /** Follows an init container; a wish to stop ends that by stopping the container. */
    private int following(Following following) throws IOException {
        var code = new AtomicReference<Integer>(1);
        var thread =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        code.set(following.code());
                                    } catch (IOException | RuntimeException e) {
                                        failure.compareAndSet(null, e);
                                    }
                                });
        while (thread.isAlive() && !stop.requested()) {
            stop.await(TICK);
        }
        return stop.requested() ? 0 : requireNonNullElse(code.get(), 1);
    }

    private ContainerRun containerRun(
            String pod, PodSandboxConfig config, ContainerMapping mapping, Container container) {
        var spec = mapping.manifest().pod().getSpec();
        int width =
                java.util.stream.Stream.concat(
                                spec.getInitContainers().stream(), spec.getContainers().stream())
                        .mapToInt(c -> c.getName().length())
                        .max()
                        .orElse(0);
        return new ContainerRun(node, console, stop, pod, config, mapping, container, width);
    }

    private Thread keep(ContainerRun run, String started, String policy) {
        return Thread.ofVirtual()
                .name("container-" + run.name())
                .start(
                        () -> {
                            try {
                                run.keep(started, policy);
                            } catch (IOException | RuntimeException e) {
                                failure.compareAndSet(null, e);
                                stop.request();
                            }
                        });
    }

    private static String policy(Manifest manifest) {
        var policy = manifest.pod().getSpec().getRestartPolicy();
        return policy == null ? "Always" : policy;
    }

    private void stopContainers(Manifest manifest) {
        var seconds = manifest.pod().getSpec().getTerminationGracePeriodSeconds();
        var grace = Duration.ofSeconds(seconds == null ? DEFAULT_GRACE_SECONDS : seconds);
        var stopping = new ArrayList<Thread>();
        for (var container : node.containers()) {
            if (container.getPodSandboxId().equals(sandbox)) {
                stopping.add(
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            try {
                                                node.stopContainer(container.getId(), grace);
                                            } catch (NodeException e) {
                                                console.note(String.valueOf(e.getMessage()));
                                            }
                                        }));
            }
        }
        stopping.forEach(PodRun::join);
    }

    /** Lets the last of the logs be shown. */
    private static void settle(List<Thread> kept) {
        try {
            for (var thread : kept) {
                thread.join(SETTLE);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void cleanUp(Manifest manifest, RunFolder folder) throws IOException {
        var id = sandbox;
        if (id != null) {
            stopContainers(manifest); // those of a run that failed while it started
            node.stopPod(id);
            node.removePod(id);
            console.line("pod %s: stopped and removed".formatted(manifest.name()));
        }
        folder.remove();
    }

    private static HostFacts host() throws IOException {
        long memory = 0;
        for (var line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                memory = Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        var resolvConf = Path.of("/etc/resolv.conf");
        return new HostFacts(
                memory, Files.isReadable(resolvConf) ? Files.readString(resolvConf) : "");
    }
}
