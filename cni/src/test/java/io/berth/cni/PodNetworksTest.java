package io.berth.cni;

import static io.berth.cni.TestNode.pod;
import static io.berth.cni.TestNode.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.HostFiles;
import io.berth.linux.LinuxCalls;
import io.berth.linux.Namespaces;
import io.berth.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attach and check with scripted plugins. */
class PodNetworksTest {
    private static final String ANSWER =
            "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.9.0.5/24\"}]}";
    private static final String CONF =
            """
            { "cniVersion": "1.0.0", "name": "podnet", "plugins": [
              { "type": "main", "keep": [1, {"deep": 2.5}],
                "capabilities": {"dns": true, "ips": true} },
              { "type": "chained", "capabilities":
                  {"portMappings": true, "bandwidth": true, "cgroupPath": true, "dns": false,
                   "ipRanges": true, "io.kubernetes.cri.pod-annotations": true} } ] }
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
    void pluginsGetExactlyWhatTheSpecificationSays() throws IOException {
        var request =
                new PodNetworkRequest(
                        "c0ffee",
                        "web",
                        "shop",
                        "5f1c",
                        List.of(new PortMapping(8080, 80, "tcp", "192.0.2.1")),
                        Optional.of(new Bandwidth(1000, 10, 2000, 20)),
                        Optional.of(
                                Dns.of(List.of("192.0.2.53"), List.of("x.y"), List.of("ndots:5"))),
                        Map.of("team", "a"),
                        "/kubepods/pod5f1c",
                        new Addresses(
                                List.of("10.9.0.5"),
                                List.of(List.of(Addresses.Range.of("10.9.0.0/24")))));
        assertThat(node.attach(request).ips()).containsExactly("10.9.0.5");
        assertThat(node.networks.results(request.sandboxId()))
                .singleElement()
                .extracting(NetworkResult::ips)
                .isEqualTo(List.of("10.9.0.5"));
        assertThat(node.networks.results("another")).isEmpty();

        assertThat(plugins.callsForNetworks()).containsExactly("main ADD", "chained ADD");
        assertThat(plugins.calls()).containsOnlyOnce("loopback ADD");
        assertThat(plugins.environment("main", "ADD"))
                .filteredOn(line -> !line.startsWith("PWD=") && !line.startsWith("_="))
                .filteredOn(line -> !line.startsWith("OLDPWD=") && !line.startsWith("SHLVL="))
                .containsExactly(
                        "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;"
                                + "K8S_POD_INFRA_CONTAINER_ID=c0ffee;K8S_POD_UID=5f1c",
                        "CNI_COMMAND=ADD",
                        "CNI_CONTAINERID=c0ffee",
                        "CNI_IFNAME=eth0",
                        "CNI_NETNS=" + node.networks.netnsPath("c0ffee"),
                        "CNI_PATH=" + plugins.bin(),
                        "PATH=" + Plugins.SEARCH_PATH);
        assertThat(plugins.environment("loopback", "ADD")).contains("CNI_IFNAME=lo");

        var main = Json.object(Files.readAllBytes(plugins.record().resolve("main.ADD.stdin")));
        assertThat(main.path("name").asText()).isEqualTo("podnet");
        assertThat(main.path("cniVersion").asText()).isEqualTo("1.0.0");
        assertThat(main.path("keep")).hasToString("[1,{\"deep\":2.5}]");
        assertThat(main.has("prevResult")).isFalse();
        assertThat(main.path("runtimeConfig"))
                .hasToString(
                        "{\"dns\":{\"servers\":[\"192.0.2.53\"],\"searches\":[\"x.y\"],"
                                + "\"options\":[\"ndots:5\"]},\"ips\":[\"10.9.0.5\"]}");
        var chained =
                Json.object(Files.readAllBytes(plugins.record().resolve("chained.ADD.stdin")));
        assertThat(chained.path("prevResult")).hasToString(ANSWER);
        assertThat(chained.path("runtimeConfig"))
                .hasToString(
                        "{\"portMappings\":[{\"hostPort\":8080,\"containerPort\":80,"
                                + "\"protocol\":\"tcp\",\"hostIP\":\"192.0.2.1\"}],"
                                + "\"bandwidth\":{\"ingressRate\":1000,\"ingressBurst\":10,"
                                + "\"egressRate\":2000,\"egressBurst\":20},"
                                + "\"cgroupPath\":\"/kubepods/pod5f1c\","
                                + "\"ipRanges\":[[{\"subnet\":\"10.9.0.0/24\"}]],"
                                + "\"io.kubernetes.cri.pod-annotations\":{\"team\":\"a\"}}");
    }

    @Test
    void intentIsCachedBeforeTheFirstPluginRuns() throws IOException {
        plugins.with("main", "cp %s %s".formatted(node.cacheFile("a1"), root.resolve("seen")));
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOf(CniException.MalformedResult.class);
        assertThat(root.resolve("seen")).exists();
        assertThat(node.networks.attachmentRecords())
                .singleElement()
                .matches(it -> !it.complete() && it.sandboxId().equals("a1"));
        node.detach(pod("a1"));
        assertThat(node.networks.attachments()).isEmpty();
        assertThat(node.config.cacheDir().resolve("results")).isEmptyDirectory();
    }

    @Test
    void pluginErrorsAreNamedWithCodeDetailsAndStderr() throws IOException {
        plugins.with(
                "main",
                """
                echo 'no more addresses' >&2
                echo '{"cniVersion":"1.0.0","code":11,"msg":"pool empty","details":"10.9.0.0/24"}'
                exit 1
                """);
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOfSatisfying(
                        CniException.PluginFailed.class,
                        failed -> {
                            assertThat(failed.plugin()).isEqualTo("main");
                            assertThat(failed.code()).isEqualTo(11);
                            assertThat(failed.problem()).isEqualTo("pool empty");
                            assertThat(failed.details()).isEqualTo("10.9.0.0/24");
                        })
                .hasMessageContaining("pod a1: network podnet: plugin main ADD: failed after")
                .hasMessageContaining("pool empty; 10.9.0.0/24 (code 11)")
                .hasMessageContaining("stderr \"no more addresses\"");
        assertThat(plugins.calls()).doesNotContain("chained ADD");
    }

    @Test
    void aFailureOfLoopbackIsThrownOnceTheNetworksAreThereToBeDetached() throws IOException {
        plugins.with(
                "loopback",
                """
                echo '{"cniVersion":"0.3.1","code":7,"msg":"no lo"}'
                exit 1
                """);
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOfSatisfying(
                        CniException.PluginFailed.class,
                        failed -> assertThat(failed.plugin()).isEqualTo("loopback"))
                .hasMessageContaining("no lo");
        assertThat(plugins.callsForNetworks()).containsExactly("main ADD", "chained ADD");
        node.detach(pod("a1"));
        assertThat(plugins.callsForNetworks()).endsWith("chained DEL", "main DEL");
        assertThat(node.networks.attachments()).isEmpty();
    }

    @Test
    void exitWithoutAnErrorIsNamedWithItsOutputCutShort() throws IOException {
        plugins.with("main", "head -c 100000 /dev/zero | tr '\\0' x >&2; echo oops; exit 3");
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOf(CniException.PluginFailed.class)
                .hasMessageContaining("exit code 3 without a CNI error; stdout \"oops\"")
                .satisfies(failed -> assertThat(failed.getMessage()).hasSizeLessThan(2000));
    }

    @Test
    void malformedResultsNameThePluginAndWhatWasFound() throws IOException {
        for (var answer :
                Map.of(
                                "echo '<html>'", "malformed JSON",
                                "exit 0", "found nothing",
                                "echo '{\"ips\":[{\"address\":\"10.9.0.300/24\"}]}'", "10.9.0.300",
                                "echo '{\"cniVersion\":\"7.0.0\"}'", "found 7.0.0")
                        .entrySet()) {
            plugins.with("chained", answer.getKey());
            assertThatThrownBy(() -> node.attach(pod("a1")))
                    .isInstanceOfSatisfying(
                            CniException.MalformedResult.class,
                            malformed -> assertThat(malformed.plugin()).isEqualTo("chained"))
                    .hasMessageContaining("plugin chained ADD: malformed result")
                    .hasMessageContaining(answer.getValue());
            step(() -> node.networks.detach("a1"));
        }
    }

    @Test
    void resultWithoutAnAddressIsMalformed() throws IOException {
        plugins.answering("chained", "{\"cniVersion\":\"1.0.0\"}");
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOf(CniException.MalformedResult.class)
                .hasMessageContaining("found no address for eth0");
    }

    @Test
    void endlessOutputIsCutOff() throws IOException {
        plugins.with("main", "exec cat /dev/zero");
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOf(CniException.MalformedResult.class)
                .hasMessageContaining("plugin main ADD: found more than 1048576 bytes");
    }

    @Test
    void hungPluginIsKilledAtItsDeadlineAndNamed() throws IOException {
        var t = TestNode.TIMEOUTS;
        var impatient =
                new CniTimeouts(
                        Duration.ofSeconds(3),
                        t.del(),
                        t.check(),
                        t.status(),
                        t.gc(),
                        t.version(),
                        Duration.ofSeconds(1),
                        t.poll(),
                        t.statusInterval());
        try (var hasty = new TestNode(root, plugins.bin(), impatient)) {
            plugins.with("main", "echo $$ > %s; exec sleep 600".formatted(root.resolve("pid")));
            assertThatThrownBy(() -> hasty.attach(pod("a1")))
                    .isInstanceOfSatisfying(
                            CniException.TimedOut.class,
                            late -> {
                                assertThat(late.plugin()).isEqualTo("main");
                                assertThat(late.after()).isEqualTo(Duration.ofSeconds(3));
                            })
                    .hasMessageContaining("plugin main ADD: no answer after 3.0 s, killed");
            long pid = Long.parseLong(Files.readString(root.resolve("pid")).strip());
            assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
            plugins.answering("main", ANSWER);
            step(() -> hasty.networks.detach("a1"));
        }
    }

    @Test
    void missingPluginIsNamedBeforeAnythingRuns() throws IOException {
        Files.delete(plugins.bin().resolve("chained"));
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOfSatisfying(
                        CniException.PluginMissing.class,
                        missing -> assertThat(missing.plugin()).isEqualTo("chained"))
                .hasMessageContaining("found in none of " + plugins.bin())
                .hasMessageContaining("containernetworking-plugins");
        assertThat(plugins.calls()).isEmpty();
        assertThat(node.networks.attachments()).isEmpty();
        node.detach(pod("a1"));
    }

    @Test
    void missingAddressPluginIsNamedToo() throws IOException {
        node.conf(
                "10-podnet.conflist",
                "{\"cniVersion\":\"1.0.0\",\"name\":\"podnet\",\"plugins\":"
                        + "[{\"type\":\"main\",\"ipam\":{\"type\":\"lease\"}}]}");
        assertThatThrownBy(() -> node.attach(pod("a1")))
                .isInstanceOf(CniException.PluginMissing.class)
                .hasMessageContaining("plugin lease");
    }

    @Test
    void checkAsksEveryPluginWithTheCachedResult() throws IOException {
        node.attach(pod("a1"));
        plugins.forgetCalls();
        step(() -> node.networks.check("a1"));
        assertThat(plugins.calls()).containsExactly("main CHECK", "chained CHECK");
        assertThat(plugins.input("main", "CHECK")).contains("\"prevResult\":" + ANSWER);
        assertThatThrownBy(() -> step(() -> node.networks.check("a2")))
                .isInstanceOf(CniException.NotConfigured.class);
        node.detach(pod("a1"));
    }

    @Test
    void severalNetworksGetInterfacesInOrder() throws IOException {
        node.conf(
                "20-second.conf",
                "{\"cniVersion\":\"0.3.1\",\"name\":\"second\",\"type\":\"other\"}");
        plugins.answering(
                "other", "{\"cniVersion\":\"0.3.1\",\"ips\":[{\"address\":\"10.8.0.5/24\"}]}");
        var c = node.config;
        var two =
                new CniConfig(
                        c.confDirs(), c.binDirs(), c.cacheDir(), c.netnsDir(), 2, c.timeouts());
        var linux = new LinuxCalls();
        try (var networks =
                new PodNetworks(
                        two, new Namespaces(linux), new Processes(), new HostFiles(linux))) {
            assertThat(step(() -> networks.attach(pod("a1"))).ips()).containsExactly("10.9.0.5");
            assertThat(plugins.environment("other", "ADD")).contains("CNI_IFNAME=eth1");
            plugins.forgetCalls();
            step(() -> networks.detach("a1"));
            assertThat(plugins.calls()).containsExactly("other DEL", "chained DEL", "main DEL");
            assertThat(networks.attachments()).isEmpty();
        }
    }

    @Test
    void effectsNeedAnOpenStep() {
        assertThatThrownBy(() -> node.networks.attach(pod("a1")))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> node.networks.createNetns("a1"))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void idsThatAreNoIdsAreRefused() {
        for (var id : List.of("", "../x", "a@b", "-a", "a".repeat(129))) {
            assertThatThrownBy(() -> node.networks.netnsPath(id))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("sandbox id: found");
        }
        assertThatThrownBy(
                        () ->
                                new PodNetworkRequest(
                                        "a1",
                                        "web;X=1",
                                        "shop",
                                        "u",
                                        List.of(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Map.of(),
                                        ""))
                .hasMessageContaining("pod name: found \"web;X=1\"");
    }
}
