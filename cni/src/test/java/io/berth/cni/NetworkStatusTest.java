package io.berth.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The background: reload on change and the sampled status. */
class NetworkStatusTest {
    private static final String CONF =
            "{\"cniVersion\":\"%s\",\"name\":\"%s\",\"plugins\":[{\"type\":\"main\"}]}";

    @TempDir Path root;
    private PluginFolder plugins;
    private TestNode node;

    @BeforeEach
    void startNode() throws IOException {
        plugins = PluginFolder.in(root).withLoopback().speaking("main", "\"1.0.0\"", "exit 0");
        node = new TestNode(root, plugins.bin());
    }

    @AfterEach
    void stopNode() throws IOException {
        node.close();
    }

    @Test
    void missingConfigurationIsNamedUntilItComesAndAfterItWent() throws Exception {
        assertThat(node.networks.status().ready()).isFalse();
        node.networks.start();
        var absent = node.awaitStatus(it -> !it.ready());
        assertThat(absent.reason()).isEqualTo("NetworkPluginNotReady");
        assertThat(absent.message())
                .startsWith("no network configuration in " + node.confDir + "; ");
        assertThat(absent.sampledAt()).isBeforeOrEqualTo(Instant.now());

        node.conf("10-a.conflist", CONF.formatted("1.0.0", "a"));
        assertThat(node.awaitStatus(NetworkStatus::ready).message()).isEmpty();

        Files.move(node.confDir.resolve("10-a.conflist"), node.confDir.resolve("10-a.off"));
        node.awaitStatus(it -> it.message().startsWith("no network configuration"));
    }

    @Test
    void folderMayBeRemovedRenamedAndCreatedLater() throws Exception {
        Files.delete(node.confDir);
        node.networks.start();
        node.awaitStatus(it -> it.message().startsWith("no network configuration"));

        Files.createDirectory(node.confDir);
        node.conf("10-a.conflist", CONF.formatted("1.0.0", "a"));
        node.awaitStatus(NetworkStatus::ready);

        var other = Files.createDirectory(root.resolve("other"));
        Files.writeString(other.resolve("10-b.conf"), "{\"name\":");
        Files.move(node.confDir, root.resolve("old"));
        Files.move(other, node.confDir);
        var broken = node.awaitStatus(it -> !it.ready());
        assertThat(broken.message()).contains("10-b.conf", "malformed JSON");

        node.conf("10-b.conf", "{\"cniVersion\":\"1.0.0\",\"name\":\"b\",\"type\":\"main\"}");
        node.awaitStatus(NetworkStatus::ready);
    }

    @Test
    void leftOutFilesAreNamedWhileAnotherNetworkIsReady() throws Exception {
        node.conf("05-bad.conflist", "[]");
        node.conf("10-a.conflist", CONF.formatted("1.0.0", "a"));
        node.networks.start();
        assertThat(node.awaitStatus(NetworkStatus::ready).message())
                .contains("05-bad.conflist: found an array");
    }

    @Test
    void missingPluginIsNotReady() throws Exception {
        Files.delete(plugins.bin().resolve("main"));
        node.conf("10-a.conflist", CONF.formatted("1.0.0", "a"));
        node.networks.start();
        assertThat(node.awaitStatus(it -> it.message().contains("plugin main")).message())
                .contains("found in none of " + plugins.bin());
    }

    @Test
    void pluginsBeforeStatusAreNotAskedForIt() throws Exception {
        node.conf("10-a.conflist", CONF.formatted("1.0.0", "a"));
        node.networks.start();
        node.awaitStatus(NetworkStatus::ready);
        assertThat(plugins.calls()).containsExactly("main VERSION");
    }

    @Test
    void versionThatThePluginDoesNotSpeakIsNotReady() throws Exception {
        node.conf("10-a.conflist", CONF.formatted("1.1.0", "a"));
        node.networks.start();
        assertThat(node.awaitStatus(it -> !it.ready()).message())
                .contains("plugin main: found versions [1.0.0], wanted 1.1.0");
    }

    @Test
    void statusOfThePluginCounts() throws Exception {
        plugins.speaking(
                "main", "\"1.1.0\"", "echo '{\"code\":50,\"msg\":\"agent not running\"}'; exit 1");
        node.conf("10-a.conflist", CONF.formatted("1.1.0", "a"));
        node.networks.start();
        assertThat(node.awaitStatus(it -> it.message().contains("agent")).message())
                .contains("plugin main STATUS: failed", "agent not running (code 50)");
        assertThat(plugins.environment("main", "STATUS"))
                .contains("CNI_COMMAND=STATUS")
                .noneMatch(line -> line.startsWith("CNI_CONTAINERID"));
    }

    @Test
    void pluginThatCannotSayItsVersionIsTakenAsItIs() throws Exception {
        plugins.with("main", "echo garbage; exit 0");
        node.conf("10-a.conflist", CONF.formatted("1.1.0", "a"));
        node.networks.start();
        node.awaitStatus(NetworkStatus::ready);
        assertThat(plugins.calls()).containsOnly("main VERSION");
    }

    @Test
    void statusNeverWaitsForAHungPlugin() throws Exception {
        var t = TestNode.TIMEOUTS;
        var impatient =
                new CniTimeouts(
                        t.add(),
                        t.del(),
                        t.check(),
                        Duration.ofMillis(300),
                        t.gc(),
                        t.version(),
                        Duration.ofSeconds(1),
                        t.poll(),
                        t.statusInterval());
        plugins.speaking("main", "\"1.1.0\"", "exec sleep 600");
        try (var hasty = new TestNode(root, plugins.bin(), impatient)) {
            hasty.conf("10-a.conflist", CONF.formatted("1.1.0", "a"));
            hasty.networks.start();
            assertThat(hasty.networks.status().ready()).isFalse();
            assertThat(hasty.awaitStatus(it -> it.message().contains("killed")).message())
                    .contains("plugin main STATUS: no answer after 0.3 s, killed");
        }
    }
}
