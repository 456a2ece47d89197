package io.berth.sandbox.runtime;

import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.settings.SandboxSettings.RuntimeHandler;
import io.berth.sandbox.settings.ShimType;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Knows what each handler's OCI runtime can do. The binaries are asked in the background, once at
 * start and again when one of them has changed; no caller waits for that, save the first that needs
 * an answer while there is none yet.
 */
public final class RuntimeProbe implements Closeable {
    private static final Logger LOG = System.getLogger(RuntimeProbe.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(60);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final HandlerFeatures NOT_YET =
            HandlerFeatures.none("its runtime has not been asked yet");

    private final SandboxSettings settings;
    private final Processes processes;
    private final IdmapProbe idmap;
    private volatile HandlerFeatures machine =
            KernelVersion.parse(System.getProperty("os.version", "")).features();
    private volatile boolean machineAsked;
    private final Map<Path, Sample> samples = new ConcurrentHashMap<>();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("runtime-probe").factory());

    /** What a binary answered, and as which file. */
    private record Sample(FileTime modified, long sizeBytes, HandlerFeatures features) {}

    public RuntimeProbe(SandboxSettings settings, Processes processes, IdmapProbe idmap) {
        this.settings = settings;
        this.processes = processes;
        this.idmap = idmap;
    }

    /** Begins to ask. */
    public void start() {
        var _ = clock.scheduleWithFixedDelay(this::all, 0, PERIOD.toSeconds(), TimeUnit.SECONDS);
    }

    /** What a handler can do, as last sampled; never waits. */
    public HandlerFeatures sampled(String handlerName) {
        var handler = settings.handler(handlerName);
        var type = handler.map(each -> ShimType.of(each.shim()));
        if (type.isPresent() && !type.get().isRunc()) {
            return HandlerFeatures.none(
                    "a shim of %s is not asked what it can do".formatted(type.get().name()));
        }
        return handler.flatMap(each -> RuntimeBinary.of(each.binary()))
                .map(binary -> samples.get(binary))
                .map(sample -> sample.features().and(machine))
                .orElse(NOT_YET);
    }

    /** As {@link #sampled}, after the first round of questions, which it waits for. */
    public HandlerFeatures known(String handlerName) throws IOException {
        try {
            if (!asked.await(2 * ANSWER.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(Logger.Level.WARNING, "handler={0}: still being asked", handlerName);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException(
                    "interrupted while runtimes were asked what they can do", stopped);
        }
        return sampled(handlerName);
    }

    private void all() {
        if (!machineAsked) {
            machineAsked = true;
            machine = machine.and(new HandlerFeatures(Feature.PRESENT, idmap.ask()));
            if (!machine.userNamespaces().present()) {
                LOG.log(
                        Logger.Level.WARNING,
                        "no pod can have a user namespace on this node: {0}",
                        machine.userNamespaces().reason());
            }
        }
        try (var each = Executors.newVirtualThreadPerTaskExecutor()) {
            settings.runtimes().values().stream()
                    .map(RuntimeHandler::binary)
                    .map(RuntimeBinary::of)
                    .flatMap(Optional::stream)
                    .distinct()
                    .forEach(binary -> each.execute(() -> sample(binary)));
        } finally {
            asked.countDown();
        }
    }

    private void sample(Path binary) {
        try {
            var file = Files.readAttributes(binary, BasicFileAttributes.class);
            var before = samples.get(binary);
            if (before != null
                    && before.modified().equals(file.lastModifiedTime())
                    && before.sizeBytes() == file.size()) {
                return;
            }
            var features = ask(binary);
            samples.put(binary, new Sample(file.lastModifiedTime(), file.size(), features));
            LOG.log(
                    Logger.Level.DEBUG,
                    "runtime={0} recursive read-only: {1}, user namespaces: {2}",
                    binary,
                    word(features.recursiveReadOnly()),
                    word(features.userNamespaces()));
        } catch (IOException | RuntimeException failure) {
            var none = HandlerFeatures.none(String.valueOf(failure.getMessage()));
            samples.put(binary, new Sample(FileTime.fromMillis(0), -1, none));
            LOG.log(
                    Logger.Level.DEBUG,
                    "runtime={0} does not say what it can do: {1}",
                    binary,
                    failure.getMessage());
        }
    }

    private static String word(Feature feature) {
        return feature.present() ? "yes" : feature.reason();
    }

    private HandlerFeatures ask(Path binary) throws IOException {
        var launch =
                new Processes.Launch(
                        List.of(binary.toString(), "features"),
                        Path.of("/"),
                        Map.of("PATH", RuntimeBinary.PATH),
                        new byte[0],
                        ANSWER,
                        FeaturesDocument.MAX_BYTES);
        var answer = Steps.run("runtime.features", binary.toString(), () -> processes.run(launch));
        if (answer.exitCode() != 0) {
            return HandlerFeatures.none(
                    "%s has no command features (it ended with %d)"
                            .formatted(binary, answer.exitCode()));
        }
        return FeaturesDocument.parse(binary.toString(), answer.stdout());
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
