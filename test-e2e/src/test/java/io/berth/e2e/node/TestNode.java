package io.berth.e2e.node;

import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.PullImageRequest;
import io.berth.e2e.cri.CriClient;
import io.berth.e2e.cri.PodHost;
import io.berth.e2e.host.HostScope;
import io.berth.e2e.host.HostSnapshot;
import io.berth.e2e.image.LocalRegistry;
import io.berth.e2e.image.TestImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A node with its registry, one image that is pulled, and a client. {@link #close} ends everything
 * and fails if the host is not as it was before {@link #start}.
 */
public final class TestNode implements PodHost, AutoCloseable {
    private static final Duration SETTLE = Duration.ofSeconds(60);

    private final NodeFolders folders;
    private final HostGuard host;
    private final LocalRegistry registry;
    private final TestImage image;
    private BerthUnderTest daemon;
    private CriClient client;

    private TestNode(
            NodeFolders folders,
            HostGuard host,
            LocalRegistry registry,
            TestImage image,
            BerthUnderTest daemon) {
        this.folders = folders;
        this.host = host;
        this.registry = registry;
        this.image = image;
        this.daemon = daemon;
        this.client = CriClient.of(folders.socket());
    }

    /** Starts all of it and pulls the image. */
    public static TestNode start() throws IOException {
        return start(Map.of());
    }

    /** The same with variables in the daemon's environment. */
    public static TestNode start(Map<String, String> environment) throws IOException {
        return start(environment, _ -> "");
    }

    /** What a test adds to the daemon's configuration. */
    public interface MoreConfig {
        /** Tables of TOML; files that they name are made here. */
        String of(NodeFolders folders) throws IOException;
    }

    /** The same with further tables in the daemon's configuration. */
    public static TestNode start(Map<String, String> environment, MoreConfig more)
            throws IOException {
        var folders = NodeFolders.create();
        var host = HostGuard.of(List.of(folders));
        try {
            CniConf.write(folders);
            NodeConfig.write(folders, more.of(folders));
            var image = TestImage.build(folders.mark());
            var registry = LocalRegistry.start(folders.top().resolve("registry"));
            registry.push(image, "e2e/busybox", "1");
            var daemon = BerthUnderTest.start(folders, environment);
            var node = new TestNode(folders, host, registry, image, daemon);
            node.pull();
            return node;
        } catch (IOException | RuntimeException failure) {
            host.clean();
            throw new IOException("node: not started", failure);
        }
    }

    private void pull() {
        client.images()
                .pullImage(
                        PullImageRequest.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage(reference()))
                                .build());
    }

    /** The reference of the image that every pod of the tests runs. */
    @Override
    public String reference() {
        return registry.reference("e2e/busybox:1");
    }

    public TestImage image() {
        return image;
    }

    public LocalRegistry registry() {
        return registry;
    }

    public NodeFolders folders() {
        return folders;
    }

    @Override
    public Path logs() {
        return folders.logs();
    }

    @Override
    public String mark() {
        return folders.mark();
    }

    @Override
    public CriClient client() {
        return client;
    }

    public BerthUnderTest daemon() {
        return daemon;
    }

    /** Kills the daemon; it is down on return. */
    public void kill() throws IOException {
        daemon.kill();
    }

    /** Starts a daemon after the last one has ended. */
    public void restart(Map<String, String> environment) throws IOException {
        client.close();
        daemon = BerthUnderTest.start(folders, environment);
        client = CriClient.of(folders.socket());
    }

    /** What counts as this node's when the host is compared between two moments of its life. */
    public HostScope scope() {
        return new HostScope(
                folders.mark(),
                List.of(folders.root(), folders.state()),
                folders.ipam(),
                folders.bridge(),
                List.of(daemon.pid(), registry.pid()));
    }

    public HostSnapshot snapshot() throws IOException {
        return HostSnapshot.take(scope());
    }

    /** What has changed on the host since {@code before}, once things have settled. */
    public List<String> changesSince(HostSnapshot before) throws IOException {
        return before.differenceWithin(scope(), SETTLE);
    }

    @Override
    public void close() throws IOException {
        client.close();
        if (daemon.alive()) {
            daemon.terminate();
        }
        registry.close();
        host.close();
    }
}
