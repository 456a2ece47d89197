package io.berth.daemon.cri;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cni.LoadedNetworks;
import io.berth.cni.NetworkStatus;
import io.berth.cri.v1.CgroupDriver;
import io.berth.cri.v1.RuntimeCondition;
import io.berth.cri.v1.RuntimeHandler;
import io.berth.sandbox.runtime.HandlerFeatures;
import io.berth.sandbox.settings.SandboxSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the node says about itself. */
final class NodeStatusTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final NetworkStatus UP = new NetworkStatus(true, "", "", NOW.minusSeconds(4));

    @Test
    void thereAreTwoConditionsAndBothHold() {
        var status = node(UP, false).status(false).getStatus();
        assertThat(status.getConditionsList())
                .extracting(RuntimeCondition::getType)
                .containsExactly("RuntimeReady", "NetworkReady");
        assertThat(status.getConditionsList()).allMatch(RuntimeCondition::getStatus);
    }

    @Test
    void aNetworkThatIsNotReadySaysWhy() {
        var down = new NetworkStatus(false, "NetworkPluginNotReady", "no conf", NOW);
        var status = node(down, false).status(false).getStatus();
        assertThat(status.getConditions(0).getStatus()).isTrue();
        var network = status.getConditions(1);
        assertThat(network.getStatus()).isFalse();
        assertThat(network.getReason()).isEqualTo("NetworkPluginNotReady");
        assertThat(network.getMessage()).isEqualTo("no conf");
    }

    @Test
    void detailsAreForThoseWhoAsk() {
        assertThat(node(UP, false).status(false).getInfoMap()).isEmpty();
        var info = node(UP, false).status(true).getInfoMap();
        assertThat(info)
                .containsOnlyKeys(
                        "config",
                        "cniconfig",
                        "lastCNILoadStatus",
                        "lastCNILoadStatus.default",
                        "networkSampledSecondsAgo",
                        "features",
                        "warnings")
                .containsEntry("lastCNILoadStatus", "OK")
                .containsEntry("cniconfig", "{\"Networks\":[]}");
        assertThat(info.get("config"))
                .contains("\"rootDir\":\"/a/root\"", "\"stateDir\":\"/a/state\"");
        assertThat(info.get("features"))
                .contains("\"crun\":{", "\"userNamespaces\":\"it is old\"", "\"yes\"");
        assertThat(info.get("networkSampledSecondsAgo")).isEqualTo("4");
        assertThat(info.get("warnings")).isEqualTo("[\"a bad drop-in\"]");
    }

    @Test
    void handlersAreThereByNameAndTheEmptyOneToo() {
        assertThat(node(UP, false).status(false).getRuntimeHandlersList())
                .extracting(RuntimeHandler::getName)
                .containsExactly("crun", "runc", "");
    }

    @Test
    void whatAHandlerCanDoIsWhatItsRuntimeSays() {
        var status = node(UP, false).status(false);
        assertThat(status.getRuntimeHandlersList())
                .filteredOn(handler -> handler.getFeatures().getRecursiveReadOnlyMounts())
                .extracting(RuntimeHandler::getName)
                .containsExactly("runc", "");
        assertThat(status.getFeatures().getMountOptions()).isTrue();
        assertThat(status.getFeatures().getSupplementalGroupsPolicy()).isTrue();
    }

    @Test
    void theKubeletsCgroupDriverIsThatOfTheDefaultHandler() {
        assertThat(node(UP, false).runtimeConfig().getLinux().getCgroupDriver())
                .isEqualTo(CgroupDriver.CGROUPFS);
        assertThat(node(UP, true).runtimeConfig().getLinux().getCgroupDriver())
                .isEqualTo(CgroupDriver.SYSTEMD);
    }

    @Test
    void theVersionIsTheApisAndOurs() {
        var version = node(UP, false).version();
        assertThat(version.getVersion()).isEqualTo("0.1.0");
        assertThat(version.getRuntimeName()).isEqualTo("berth");
        assertThat(version.getRuntimeVersion()).isEqualTo("1.2.3");
        assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");
    }

    static NodeStatus node(NetworkStatus network, boolean systemd) {
        var shim = Path.of("/a/shim");
        var settings =
                new SandboxSettings(
                        Path.of("/a/root"),
                        Path.of("/a/state"),
                        Path.of("/a/native"),
                        "runc",
                        Map.of(
                                "runc",
                                new SandboxSettings.RuntimeHandler(
                                        "runc", shim, Optional.empty(), systemd, false),
                                "crun",
                                new SandboxSettings.RuntimeHandler(
                                        "crun", shim, Optional.empty(), false, false)),
                        "/berth",
                        "berth.local/pause:1",
                        16384,
                        SandboxSettings.Timeouts.defaults());
        return new NodeStatus(
                settings,
                () -> network,
                () -> new LoadedNetworks("{\"Networks\":[]}", "OK"),
                () -> List.of("a bad drop-in"),
                "1.2.3",
                name ->
                        name.equals("crun")
                                ? HandlerFeatures.none("it is old")
                                : HandlerFeatures.all(),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }
}
