package io.berth.cni;

import static io.berth.cni.TestNode.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cni.remains.NatTable;
import io.berth.cni.remains.Remain;
import io.berth.cni.remains.Remains;
import io.berth.linux.LinuxCalls;
import io.berth.linux.MountInfo;
import io.berth.linux.Namespaces;
import io.berth.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The distribution's bridge, host-local, portmap and loopback plugins. What they take for the host
 * is a network namespace of the test's own, which nsenter puts them in: no link, rule or sysctl of
 * the machine is touched. Each test ends with that host as it was, but for the bridge and the empty
 * skeleton of chains that the plugins keep for all pods.
 */
@Tag("root")
class RealPluginsTest {
    private static final List<String> PLUGINS =
            List.of("bridge", "host-local", "portmap", "loopback");
    private static final Path INSTALLED =
            Stream.of("/usr/lib/cni", "/opt/cni/bin")
                    .map(Path::of)
                    .filter(folder -> Files.isExecutable(folder.resolve("bridge")))
                    .findFirst()
                    .orElse(Path.of("/usr/lib/cni"));
    private static final String BRIDGE = "brth0";
    private static final String NETWORK = "berth-test";
    private static final String RANGES =
            "[[{\"subnet\": \"10.213.7.0/24\"}], [{\"subnet\": \"fd0b:e21::/64\"}]]";

    @TempDir Path root;
    private Path host;
    private TestNode node;

    @BeforeEach
    void startNode() throws IOException {
        host = root.resolve("host");
        step(() -> namespaces().createNetns(host));
        var bin = Files.createDirectories(root.resolve("bin"));
        for (var plugin : PLUGINS) {
            var installed = INSTALLED.resolve(plugin);
            assertThat(installed)
                    .as("plugin %s; install the package containernetworking-plugins", plugin)
                    .isExecutable();
            var script = "#!/bin/sh\nexec nsenter --net=%s %s\n".formatted(host, installed);
            Files.writeString(bin.resolve(plugin), script);
            Files.setPosixFilePermissions(
                    bin.resolve(plugin), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        node = new TestNode(root, bin);
        node.conf("10-test.conflist", conf("1.0.0", RANGES, true));
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        try {
            assertThat(onHost("ip", "-o", "link")).doesNotContain("veth");
            assertThat(onHost("iptables-save")).doesNotContain(NETWORK, "10.213");
            assertThat(onHost("ip6tables-save")).doesNotContain(NETWORK, "fd0b:e21");
            assertThat(reservations()).isEmpty();
            assertThat(node.networks.attachments()).isEmpty();
            assertThat(node.networks.netnsPins()).isEmpty();
            onHost("ip", "link", "del", BRIDGE);
        } finally {
            node.close();
            for (var pin : node.networks.netnsPins()) {
                step(() -> node.networks.removeNetns(pin));
            }
            step(() -> namespaces().removeNetns(host));
        }
        assertThat(MountInfo.below(root)).isEmpty();
    }

    private static Namespaces namespaces() {
        return new Namespaces(new LinuxCalls());
    }

    private String conf(String version, String ranges, boolean masquerade) {
        return """
        { "cniVersion": "%s", "name": "%s", "plugins": [
          { "type": "bridge", "bridge": "%s", "isGateway": true, "ipMasq": %s,
            "ipam": { "type": "host-local", "dataDir": "%s", "ranges": %s,
                      "routes": [{"dst": "0.0.0.0/0"}] } },
          { "type": "portmap", "capabilities": {"portMappings": true} } ] }
        """
                .formatted(version, NETWORK, BRIDGE, masquerade, root.resolve("ipam"), ranges);
    }

    private void configure(String conf) throws IOException {
        node.conf("10-test.conflist", conf);
        node.networks.reload();
    }

    private static PodNetworkRequest podWithPort(String id, int hostPort) {
        return new PodNetworkRequest(
                id,
                "web",
                "shop",
                "5f1c",
                List.of(new PortMapping(hostPort, 80, "tcp", "")),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                "/kubepods/pod5f1c");
    }

    private static String newId() {
        return "berthtest%016x".formatted(ThreadLocalRandom.current().nextLong());
    }

    @Test
    void podGetsAddressesLoopbackAndItsPort() throws IOException {
        var id = newId();
        var pod = podWithPort(id, 48_080);
        step(() -> node.networks.createNetns(id));
        var result = node.attach(pod);

        assertThat(result.ips()).containsExactly("10.213.7.2", "fd0b:e21::2");
        assertThat(result.interfaces()).extracting(Interface::name).contains(BRIDGE, "eth0");
        var inside = run("nsenter", "--net=" + node.networks.netnsPath(id), "ip", "addr");
        assertThat(inside).contains("inet 127.0.0.1/8", "inet 10.213.7.2/24");
        assertThat(onHost("iptables-save")).contains("48080");
        assertThat(node.networks.attachments()).containsExactly(id);
        assertThat(node.networks.attachmentRecords())
                .singleElement()
                .matches(Attachment::complete)
                .matches(it -> it.network().equals(NETWORK) && it.interfaceName().equals("eth0"));
        assertThat(node.networks.netnsPins()).containsExactly(id);
        assertThat(node.networks.ipReservations())
                .hasSize(2)
                .allMatch(it -> it.sandboxId().equals(id) && it.interfaceName().equals("eth0"));

        node.detach(pod);
        node.detach(pod);
        step(() -> node.networks.removeNetns(id));
        step(() -> node.networks.removeNetns(id));
    }

    /** Without ports: CHECK of portmap 1.1.1 looks for the rules of both families in any case. */
    @Test
    void everyVersionThatThesePluginsSpeakWorks() throws IOException {
        for (var version : List.of("0.3.0", "0.3.1", "0.4.0", "1.0.0")) {
            configure(conf(version, RANGES, true));
            var id = newId();
            step(() -> node.networks.createNetns(id));
            var result = node.attach(TestNode.pod(id));
            assertThat(result.ips()).as(version).hasSize(2);
            step(() -> node.networks.check(id));
            node.detach(TestNode.pod(id));
            step(() -> node.networks.removeNetns(id));
            assertThat(reservations()).as(version).isEmpty();
        }
    }

    @Test
    void checkFindsAddressesThatAreGone() throws IOException {
        configure(conf("1.0.0", RANGES, false));
        var id = newId();
        step(() -> node.networks.createNetns(id));
        node.attach(TestNode.pod(id));
        var pin = node.networks.netnsPath(id);
        run("nsenter", "--net=" + pin, "ip", "addr", "flush", "dev", "eth0");
        assertThatThrownBy(() -> step(() -> node.networks.check(id)))
                .isInstanceOf(CniException.PluginFailed.class)
                .hasMessageContaining("plugin bridge CHECK");
        node.detach(TestNode.pod(id));
        step(() -> node.networks.removeNetns(id));
    }

    /** No ipMasq: the bridge plugin finds its rules by the addresses inside the namespace only. */
    @Test
    void detachReleasesAllWhenTheNamespaceAndTheConfigurationAreGone() throws IOException {
        configure(conf("1.0.0", RANGES, false));
        var id = newId();
        step(() -> node.networks.createNetns(id));
        node.attach(podWithPort(id, 48_082));
        step(() -> node.networks.removeNetns(id));
        Files.delete(node.confDir.resolve("10-test.conflist"));

        try (var restarted = node.restarted()) {
            step(() -> restarted.detach(id));
        }
        assertThat(onHost("iptables-save")).doesNotContain("48082");
    }

    @Test
    void detachWithoutACachedResultReleasesAll() throws IOException {
        var id = newId();
        step(() -> node.networks.createNetns(id));
        node.attach(podWithPort(id, 48_083));
        Files.delete(node.cacheFile(id));

        node.detach(podWithPort(id, 48_083));
        assertThat(onHost("iptables-save")).doesNotContain("48083");
        step(() -> node.networks.removeNetns(id));
    }

    /** A root that is lost takes the cache with it, and with that the port mappings. */
    @Test
    void rulesThatDelLeavesAreNobodysAndAreRemoved() throws IOException {
        var id = "%064x".formatted(ThreadLocalRandom.current().nextLong());
        step(() -> node.networks.createNetns(id));
        node.attach(podWithPort(id, 48_084));
        step(() -> node.networks.removeNetns(id));
        Files.delete(node.cacheFile(id));
        var remains = remains();
        assertThat(step(() -> remains.unowned(Remain.Kind.ADDRESS, id::equals))).isEmpty();
        assertThat(step(() -> remains.unowned(Remain.Kind.ADDRESS, _ -> false)))
                .hasSize(2)
                .allMatch(it -> it.sandboxId().equals(id) && it.network().equals(NETWORK));

        try (var restarted = node.restarted()) {
            step(() -> restarted.detach(id));
        }
        assertThat(reservations()).isEmpty();
        assertThat(onHost("iptables-save")).contains("48084");
        assertThat(step(() -> remains.unowned(Remain.Kind.RULES, id::equals))).isEmpty();
        var left = step(() -> remains.unowned(Remain.Kind.RULES, _ -> false));
        assertThat(left).as("DNAT and masquerading, of two families").hasSize(4);
        for (var each : left) {
            step(() -> remains.remove(each));
        }
        assertThat(step(() -> remains.unowned(Remain.Kind.RULES, _ -> false))).isEmpty();
    }

    @Test
    void allThatPluginsKeepOfAPodIsRemovedWithoutThem() throws IOException {
        var id = "%064x".formatted(ThreadLocalRandom.current().nextLong());
        var other = newId();
        step(() -> node.networks.createNetns(id));
        step(() -> node.networks.createNetns(other));
        node.attach(podWithPort(id, 48_085));
        node.attach(podWithPort(other, 48_086));
        step(() -> node.networks.removeNetns(id));
        Files.delete(node.cacheFile(id));

        step(() -> remains().removeOf(id));
        step(() -> remains().removeOf(id));
        assertThat(onHost("iptables-save")).doesNotContain("48085").contains("48086");
        assertThat(node.networks.ipReservations())
                .hasSize(2)
                .allMatch(it -> it.sandboxId().equals(other));
        node.detach(podWithPort(other, 48_086));
        step(() -> node.networks.removeNetns(other));
    }

    /** The interface goes with the first DEL, and with it what the second finds its rules by. */
    @Test
    void rulesThatASecondDelLeavesAreTold() throws IOException {
        var id = "%064x".formatted(ThreadLocalRandom.current().nextLong());
        step(() -> node.networks.createNetns(id));
        node.attach(TestNode.pod(id));
        assertThat(node.networks.mayLeaveRemains(id)).isFalse();
        var lock = reservations().getFirst().resolveSibling("lock");
        Files.delete(lock);
        Files.createDirectory(lock); // host-local can open none
        assertThatThrownBy(() -> node.detach(TestNode.pod(id)))
                .isInstanceOf(CniException.DetachIncomplete.class);
        Files.delete(lock);
        assertThat(node.networks.mayLeaveRemains(id)).isTrue();
        node.detach(TestNode.pod(id));
        assertThat(onHost("iptables-save")).contains(id);
        step(() -> remains().removeOf(id));
        assertThat(onHost("iptables-save")).doesNotContain(id);
        step(() -> node.networks.removeNetns(id));
    }

    private Remains remains() {
        var tables =
                Stream.of("iptables", "ip6tables")
                        .map(
                                name ->
                                        new NatTable(
                                                name,
                                                List.of("nsenter", "--net=" + host, name),
                                                new Processes()))
                        .toList();
        return new Remains(List.of(node.confDir), root.resolve("lib"), tables, new LinuxCalls());
    }

    @Test
    void collectionDetachesWhatHasNoOwnerAndLeavesTheRest() throws IOException {
        var stale = newId();
        var live = newId();
        for (var id : List.of(stale, live)) {
            step(() -> node.networks.createNetns(id));
            node.attach(TestNode.pod(id));
        }
        try (var restarted = node.restarted()) {
            assertThat(step(() -> restarted.gc(Set.of(live)))).isEmpty();
            assertThat(restarted.attachments()).containsExactly(live);
            assertThat(restarted.ipReservations())
                    .extracting(IpReservation::sandboxId)
                    .containsOnly(live);
        }
        node.detach(TestNode.pod(live));
        step(() -> node.networks.removeNetns(stale));
        step(() -> node.networks.removeNetns(live));
    }

    @Test
    void attachWithoutANamespaceNamesThePluginAndDetachIsClean() throws IOException {
        var id = newId();
        var pod = TestNode.pod(id);
        assertThatThrownBy(() -> node.attach(pod))
                .isInstanceOfSatisfying(
                        CniException.PluginFailed.class,
                        failed -> assertThat(failed.plugin()).isEqualTo("bridge"))
                .hasMessageContaining("pod " + id);
        node.detach(pod);
        assertThat(node.networks.attachments()).isEmpty();
    }

    @Test
    void statusOfPluginsWithoutStatusIsReady() throws Exception {
        node.networks.start();
        assertThat(node.awaitStatus(NetworkStatus::ready).message()).isEmpty();
    }

    @Test
    void aVersionThatThePluginsDoNotSpeakIsNotReady() throws Exception {
        node.conf("10-test.conflist", conf("1.1.0", RANGES, true));
        node.networks.start();
        var status = node.awaitStatus(it -> it.message().contains("wanted 1.1.0"));
        assertThat(status.ready()).isFalse();
        assertThat(status.message()).contains("plugin bridge", "1.0.0");
    }

    private List<Path> reservations() throws IOException {
        var folder = root.resolve("ipam").resolve(NETWORK);
        var found = new ArrayList<Path>();
        for (var it : HostLocalFiles.reservations(folder)) {
            found.add(it.file());
        }
        return found;
    }

    /** Runs in the network namespace that is the plugins' host. */
    private String onHost(String... command) throws IOException {
        var words = new ArrayList<>(List.of("nsenter", "--net=" + host));
        words.addAll(List.of(command));
        return run(words.toArray(String[]::new));
    }

    private static String run(String... command) throws IOException {
        var launch =
                new Processes.Launch(
                        List.of(command),
                        Path.of("/"),
                        Map.of("PATH", Plugins.SEARCH_PATH),
                        new byte[0],
                        Duration.ofSeconds(20),
                        1 << 20);
        return step(() -> new Processes().run(launch)).stdoutText();
    }
}
