package io.berth.cni;

import static io.berth.cni.TestNode.pod;
import static io.berth.cni.TestNode.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Detach and collect with scripted plugins: whatever was attached goes. */
class DetachTest {
    private static final String ANSWER =
            "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.9.0.5/24\"}]}";
    private static final String CONF =
            """
            { "cniVersion": "1.0.0", "name": "podnet", "plugins": [
              { "type": "main" },
              { "type": "chained", "capabilities": {"portMappings": true} } ] }
            """;

    @TempDir Path root;
    private PluginFolder plugins;
    private TestNode node;

    @BeforeEach
    void startNode() throws IOException {
        plugins = PluginFolder.in(root).withLoopback();
        plugins.answering("main", ANSWER).answering("chained", ANSWER);
        node = new TestNode(root, plugins.bin());
        node.conf("10-podnet.conflist", CONF);
    }

    @AfterEach
    void stopNode() throws IOException {
        node.close();
    }

    @Test
    void detachUsesThePluginsAndArgumentsOfTheAttachment() throws IOException {
        var mapped =
                new PodNetworkRequest(
                        "c0ffee",
                        "web",
                        "shop",
                        "5f1c",
                        List.of(new PortMapping(8080, 80, "tcp", "")),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        "");
        node.attach(mapped);
        plugins.forgetCalls();
        plugins.answering("other", ANSWER);
        node.conf(
                "10-podnet.conflist",
                "{\"cniVersion\":\"0.4.0\",\"name\":\"new\",\"plugins\":[{\"type\":\"other\"}]}");
        try (var restarted = node.restarted()) {
            restarted.reload();
            step(() -> restarted.detach("c0ffee"));
            assertThat(plugins.calls()).containsExactly("chained DEL", "main DEL");
            assertThat(restarted.attachments()).isEmpty();
        }
        var input = Json.object(Files.readAllBytes(plugins.record().resolve("chained.DEL.stdin")));
        assertThat(input.path("prevResult")).hasToString(ANSWER);
        assertThat(input.path("runtimeConfig").path("portMappings")).hasSize(1);
        assertThat(plugins.environment("chained", "DEL"))
                .contains(
                        "CNI_NETNS=",
                        "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;"
                                + "K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=c0ffee;"
                                + "K8S_POD_UID=5f1c");
    }

    @Test
    void pluginOfAKilledDaemonEndsBeforeDelIsSent() throws Exception {
        node.attach(pod("0rphan1"));
        plugins.forgetCalls();
        var orphan = orphan("0rphan1", "read line; echo main LATE-ADD >> \"$CALLS\"");
        try (var restarted = node.restarted()) {
            var detached =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    step(() -> restarted.detach("0rphan1"));
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            orphan.getOutputStream().close();
            detached.get(60, TimeUnit.SECONDS);
        }
        assertThat(plugins.calls()).containsExactly("main LATE-ADD", "chained DEL", "main DEL");
    }

    @Test
    void hungPluginOfAKilledDaemonIsKilledBeforeDelIsSent() throws Exception {
        node.attach(pod("0rphan2"));
        plugins.forgetCalls();
        var orphan = orphan("0rphan2", "sleep 600 & wait");
        var another = orphan("0rphan3", "exec sleep 600");
        try (var restarted = node.restarted()) {
            step(() -> restarted.detach("0rphan2"));
            assertThat(orphan.descendants()).isEmpty();
            assertThat(orphan.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(another.isAlive()).isTrue();
        } finally {
            another.destroyForcibly();
        }
        assertThat(plugins.calls()).containsExactly("chained DEL", "main DEL");
    }

    @Test
    void whatACrashLeftOfTheCacheGoesWithTheAttachment() throws IOException {
        var folder = Files.createDirectories(node.cacheFile("a1").getParent());
        var unfinished = Files.createFile(folder.resolve(".a1@eth0.json.77.1.tmp"));
        var anothers = Files.createFile(folder.resolve(".a12@eth0.json.77.2.tmp"));
        node.detach(pod("a1"));
        assertThat(unfinished).doesNotExist();
        assertThat(anothers).exists();
    }

    /** A plugin as a daemon that was killed leaves it: alive, and marked by its environment. */
    private Process orphan(String sandboxId, String script) throws IOException {
        var builder = new ProcessBuilder("/bin/sh", "-c", script);
        builder.environment().put("CNI_CONTAINERID", sandboxId);
        builder.environment().put("CALLS", plugins.record().resolve("calls").toString());
        return builder.start();
    }

    @Test
    void secondAttemptFirstUndoesTheFirst() throws IOException {
        plugins.with("chained", "exit 1");
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOf(CniException.PluginFailed.class);
        plugins.answering("chained", ANSWER);
        plugins.forgetCalls();
        node.attach(pod("a1"));
        assertThat(plugins.callsForNetworks())
                .containsExactly("chained DEL", "main DEL", "main ADD", "chained ADD");
        node.detach(pod("a1"));
    }

    @Test
    void everyPluginIsTriedOnDetachAndTheFailuresAreListed() throws IOException {
        node.attach(pod("a1"));
        plugins.with("main", "echo '{\"code\":999,\"msg\":\"stuck\"}'; exit 1");
        Files.delete(plugins.bin().resolve("chained"));
        assertThatThrownBy(() -> node.detach(pod("a1")))
                .isInstanceOfSatisfying(
                        CniException.DetachIncomplete.class,
                        incomplete ->
                                assertThat(incomplete.failures())
                                        .hasExactlyElementsOfTypes(
                                                CniException.PluginMissing.class,
                                                CniException.PluginFailed.class))
                .hasMessageContaining("plugin chained: found in none")
                .hasMessageContaining("stuck (code 999)");
        assertThat(node.networks.attachments()).containsExactly("a1");

        plugins.answering("main", "").answering("chained", "");
        node.detach(pod("a1"));
        assertThat(node.networks.attachments()).isEmpty();
    }

    private static final String REJECTS =
            "echo '{\"code\":999,\"msg\":\"failed to load netconf: mtu\"}'; exit 1";

    /** The other way round than before: what was made is told from what never was. */
    private void failToAttach(String id) {
        assertThatThrownBy(() -> node.attach(pod(id)))
                .isInstanceOf(CniException.PluginFailed.class);
        assertThat(node.cacheFile(id)).as("what was tried").exists();
    }

    @Test
    void aPluginThatRejectsItsConfigurationInAddAndDelOwesNothing() throws IOException {
        plugins.with("main", REJECTS);
        failToAttach("a1");
        try (var restarted = node.restarted()) {
            step(() -> restarted.detach("a1"));
            assertThat(restarted.attachments()).isEmpty();
        }
        assertThat(plugins.callsForNetworks())
                .containsExactly("main ADD", "chained DEL", "main DEL");
    }

    @Test
    void aPluginThatRejectsItsConfigurationByACodeOfTheSpecificationOwesNothing()
            throws IOException {
        plugins.with(
                "main",
                "echo \"{\\\"code\\\":7,\\\"msg\\\":\\\"bad at $CNI_COMMAND\\\"}\"; exit 1");
        failToAttach("a1");
        node.detach(pod("a1"));
        assertThat(node.networks.attachments()).isEmpty();
    }

    @Test
    void whatThePluginsBeforeTheRejectedOneMadeIsStillOwed() throws IOException {
        plugins.with("chained", REJECTS);
        failToAttach("a1");
        plugins.with("main", "echo '{\"code\":999,\"msg\":\"stuck\"}'; exit 1");
        assertThatThrownBy(() -> node.detach(pod("a1")))
                .isInstanceOf(CniException.DetachIncomplete.class)
                .hasMessageContaining("stuck")
                .hasMessageNotContaining("netconf");
        plugins.answering("main", "");
        node.detach(pod("a1"));
        assertThat(node.networks.attachments()).isEmpty();
    }

    @Test
    void aFaultThatPassesByItselfIsNoInvalidConfiguration() throws IOException {
        plugins.with(
                "main",
                "echo '{\"code\":999,\"msg\":\"dial tcp 192.0.2.1:443: connection refused\"}'; exit 1");
        failToAttach("a1");
        assertThatThrownBy(() -> node.detach(pod("a1")))
                .isInstanceOf(CniException.DetachIncomplete.class);
        plugins.answering("main", "");
        node.detach(pod("a1"));
        assertThat(node.networks.attachments()).isEmpty();
    }

    @Test
    void anAddThatWasCutIsOwedItsDelWhateverThePluginSays() throws IOException {
        plugins.with("main", REJECTS);
        failToAttach("a1");
        var file = node.cacheFile("a1");
        var json = Json.object(Files.readAllBytes(file));
        json.remove("failure"); // as it is while a plugin runs
        Files.write(file, Json.bytes(json));
        assertThatThrownBy(() -> node.detach(pod("a1")))
                .isInstanceOf(CniException.DetachIncomplete.class);
        plugins.answering("main", "");
        node.detach(pod("a1"));
    }

    @Test
    void aFailedAttachmentOfAConfigurationThatWasReplacedOwesNothing() throws IOException {
        plugins.with(
                "main", "echo \"{\\\"code\\\":999,\\\"msg\\\":\\\"no $CNI_COMMAND\\\"}\"; exit 1");
        failToAttach("a1");
        assertThatThrownBy(() -> node.detach(pod("a1")))
                .isInstanceOf(CniException.DetachIncomplete.class);
        Files.delete(node.confDir.resolve("10-podnet.conflist"));
        node.detach(pod("a1"));
        assertThat(node.networks.attachments()).isEmpty();
    }

    @Test
    void aDelThatFailsIsTriedByTheConfigurationThatHasTheNameNow() throws IOException {
        node.attach(pod("a1"));
        plugins.with("main", "exit 1").answering("other", ANSWER);
        node.conf(
                "10-podnet.conflist",
                "{\"cniVersion\":\"1.0.0\",\"name\":\"another\",\"plugins\":[{\"type\":\"other\"}]}");
        assertThatThrownBy(() -> node.detach(pod("a1")))
                .isInstanceOf(CniException.DetachIncomplete.class);
        node.conf(
                "20-podnet.conflist",
                "{\"cniVersion\":\"1.0.0\",\"name\":\"podnet\",\"plugins\":[{\"type\":\"other\"}]}");
        plugins.forgetCalls();
        node.detach(pod("a1"));
        assertThat(plugins.calls()).containsExactly("chained DEL", "main DEL", "other DEL");
        assertThat(plugins.input("other", "DEL")).contains("10.9.0.5");
        assertThat(node.networks.attachments()).isEmpty();
    }

    @Test
    void aHandlersOwnNetworkIsTriedByItsOwnFolder() throws IOException {
        var own = Files.createDirectories(root.resolve("own"));
        var conf = own.resolve("10-own.conflist");
        Files.writeString(
                conf,
                "{\"cniVersion\":\"1.0.0\",\"name\":\"own\",\"plugins\":[{\"type\":\"main\"}]}");
        step(() -> node.networks.attach(pod("a1"), own, 1));
        plugins.with("main", "exit 1").answering("other", ANSWER);
        Files.writeString(
                conf,
                "{\"cniVersion\":\"1.0.0\",\"name\":\"own\",\"plugins\":[{\"type\":\"other\"}]}");
        node.detach(pod("a1"));
        assertThat(node.networks.attachments()).isEmpty();
    }

    @Test
    void whatWasMadeIsGivenUpByOrderOnlyAndThePluginsAreAskedFirst() throws IOException {
        node.attach(pod("a1"));
        plugins.with("main", REJECTS);
        Files.delete(plugins.bin().resolve("chained"));
        assertThatThrownBy(() -> node.detach(pod("a1")))
                .isInstanceOf(CniException.DetachIncomplete.class);
        plugins.forgetCalls();
        var left = step(() -> node.networks.giveUp("a1"));
        assertThat(left).hasSize(2);
        assertThat(plugins.calls()).containsExactly("main DEL");
        assertThat(node.networks.attachments()).isEmpty();
        plugins.answering("main", "");
        assertThat(step(() -> node.networks.giveUp("a1"))).isEmpty();
    }

    @Test
    void containerThatThePluginNeverKnewIsGone() throws IOException {
        node.attach(pod("a1"));
        plugins.with("main", "echo '{\"code\":3,\"msg\":\"unknown container\"}'; exit 1");
        plugins.with(
                "chained",
                "echo '{\"code\":999,\"msg\":\"open netns: no such file or directory\"}'; exit 1");
        node.detach(pod("a1"));
        assertThat(node.networks.attachments()).isEmpty();
    }

    @Test
    void damagedCacheFileIsDetachedByThePresentConfiguration() throws IOException {
        node.attach(pod("a1"));
        Files.writeString(node.cacheFile("a1"), "{\"format\": \"berth-attach");
        plugins.forgetCalls();
        node.detach(pod("a1"));
        assertThat(plugins.calls()).containsExactly("chained DEL", "main DEL");
        assertThat(node.networks.attachments()).isEmpty();

        node.attach(pod("a2"));
        Files.writeString(node.cacheFile("a2"), "{\"format\":\"berth-attachment\",\"version\":9}");
        Files.delete(node.confDir.resolve("10-podnet.conflist"));
        node.networks.reload();
        assertThatThrownBy(() -> node.detach(pod("a2")))
                .isInstanceOf(CniException.DetachIncomplete.class)
                .hasMessageContaining("a2@eth0.json")
                .hasMessageContaining("version 9");
    }

    @Test
    void nothingConfiguredIsSaidAndDetachSucceeds() throws IOException {
        Files.delete(node.confDir.resolve("10-podnet.conflist"));
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOf(CniException.NotConfigured.class)
                .hasMessageContaining("no network configuration in " + node.confDir);
        node.detach(pod("a1"));
        assertThat(plugins.calls()).isEmpty();
    }

    @Test
    void collectionTellsPluginsWithGcWhatIsValid() throws IOException {
        var versions = "\"1.0.0\",\"1.1.0\"";
        plugins.speaking(
                "main", versions, "[ $CNI_COMMAND = ADD ] && echo '%s'; exit 0".formatted(ANSWER));
        node.conf("10-podnet.conflist", CONF.replace("1.0.0", "1.1.0"));
        node.attach(pod("a1"));
        node.attach(pod("a2"));
        try (var restarted = node.restarted()) {
            plugins.forgetCalls();
            assertThat(step(() -> restarted.gc(Set.of("a2", "a3")))).isEmpty();
        }
        assertThat(plugins.calls())
                .startsWith("chained DEL", "main DEL")
                .contains("main GC")
                .doesNotContain("chained GC");
        var input = Json.object(Files.readAllBytes(plugins.record().resolve("main.GC.stdin")));
        assertThat(input.path("cni.dev/valid-attachments").findValuesAsText("containerID"))
                .containsExactlyInAnyOrder("a2", "a3");
        assertThat(input.path("cni.dev/attachments"))
                .isEqualTo(input.path("cni.dev/valid-attachments"));
        assertThat(step(() -> node.networks.gc(Set.of()))).isEmpty();
        assertThat(node.networks.attachments()).containsExactly("a2");
    }

    @Test
    void collectionIsLeftToOthersWhereTheNetworkSaysSo() throws IOException {
        plugins.speaking("main", "\"1.1.0\"", "exit 0").speaking("chained", "\"1.1.0\"", "exit 0");
        node.conf(
                "10-podnet.conflist", CONF.replace("\"1.0.0\"", "\"1.1.0\", \"disableGC\": true"));
        assertThat(step(() -> node.networks.gc(Set.of()))).isEmpty();
        assertThat(plugins.calls()).isEmpty();
    }
}
