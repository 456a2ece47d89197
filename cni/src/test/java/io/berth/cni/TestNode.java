package io.berth.cni;

import io.berth.linux.HostFiles;
import io.berth.linux.LinuxCalls;
import io.berth.linux.Namespaces;
import io.berth.linux.Processes;
import io.berth.linux.step.StepAction;
import io.berth.linux.step.StepBody;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A node's networks on private folders, with deadlines fit for tests. */
final class TestNode implements AutoCloseable {
    static final CniTimeouts TIMEOUTS =
            new CniTimeouts(
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(200),
                    Duration.ofMinutes(10));

    final Path root;
    final Path confDir;
    final CniConfig config;
    final PodNetworks networks;
    private final BlockingQueue<NetworkStatus> statuses = new LinkedBlockingQueue<>();

    TestNode(Path root, Path binDir) throws IOException {
        this(root, binDir, TIMEOUTS);
    }

    TestNode(Path root, Path binDir, CniTimeouts timeouts) throws IOException {
        this.root = root;
        this.confDir = root.resolve("net.d");
        Files.createDirectories(confDir);
        this.config =
                new CniConfig(
                        List.of(confDir),
                        List.of(binDir),
                        root.resolve("cache"),
                        root.resolve("netns"),
                        1,
                        timeouts);
        this.networks = restarted();
        networks.onStatus(statuses::add);
    }

    /** The same node as another process would see it. */
    PodNetworks restarted() {
        var linux = new LinuxCalls();
        return new PodNetworks(
                config, new Namespaces(linux), new Processes(), new HostFiles(linux));
    }

    void conf(String file, String text) throws IOException {
        var temporary = confDir.resolve("." + file + ".new");
        Files.writeString(temporary, text);
        Files.move(temporary, confDir.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    Path cacheFile(String sandboxId) {
        return config.cacheDir().resolve("results").resolve(sandboxId + "@eth0.json");
    }

    NetworkStatus awaitStatus(Predicate<NetworkStatus> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        NetworkStatus last = networks.status();
        while (System.nanoTime() < deadline) {
            var next = statuses.poll(1, TimeUnit.SECONDS);
            if (next != null) {
                last = next;
                if (wanted.test(next)) {
                    return next;
                }
            }
        }
        throw new AssertionError("not the wanted status within 20 s; last " + last);
    }

    static PodNetworkRequest pod(String id) {
        return new PodNetworkRequest(
                id,
                "web",
                "shop",
                "5f1c",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                "");
    }

    NetworkResult attach(PodNetworkRequest request) throws IOException {
        return step(() -> networks.attach(request));
    }

    void detach(PodNetworkRequest request) throws IOException {
        step(() -> networks.detach(request));
    }

    static <T> T step(StepBody<T> body) throws IOException {
        return Steps.run("cni.test", "test", body);
    }

    static void step(StepAction body) throws IOException {
        Steps.run("cni.test", "test", body);
    }

    @Override
    public void close() throws IOException {
        networks.close();
    }
}
