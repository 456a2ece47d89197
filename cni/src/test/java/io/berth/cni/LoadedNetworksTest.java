package io.berth.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoadedNetworksTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final CniConfig CONFIG =
            new CniConfig(
                    List.of(Path.of("/etc/cni/net.d")),
                    List.of(Path.of("/opt/cni/bin")),
                    Path.of("/cache"),
                    Path.of("/netns"),
                    2,
                    CniTimeouts.DEFAULTS,
                    Optional.empty());

    @Test
    void everyNetworkIsShownWithItsPluginsAndItsInterface() throws IOException {
        var list =
                (ObjectNode)
                        JSON.readTree(
                                """
                                {"name":"pods","cniVersion":"1.0.0",
                                 "plugins":[{"type":"bridge","bridge":"br0"},{"type":"portmap"}]}
                                """);
        var network = NetworkConf.ofList(list);
        var loaded = new ConfFolders.Loaded(List.of(network, network), List.of());
        var shown = LoadedNetworks.of(CONFIG, loaded, "unused");
        var json = JSON.readTree(shown.configJson());
        assertThat(shown.loadStatus()).isEqualTo("OK");
        assertThat(json.get("PluginConfDir").asText()).isEqualTo("/etc/cni/net.d");
        assertThat(json.at("/Networks/0/Config/Name").asText()).isEqualTo("pods");
        assertThat(json.at("/Networks/0/Config/CNIVersion").asText()).isEqualTo("1.0.0");
        assertThat(json.at("/Networks/0/Config/Plugins/0/Network/bridge").asText())
                .isEqualTo("br0");
        assertThat(json.at("/Networks/1/IFName").asText()).isEqualTo("eth1");
    }

    @Test
    void withoutANetworkTheStatusSaysWhy() {
        var shown =
                LoadedNetworks.of(CONFIG, ConfFolders.Loaded.NOTHING, "/etc/cni/net.d is empty");
        assertThat(shown.loadStatus()).isEqualTo("/etc/cni/net.d is empty");
        assertThat(shown.configJson()).contains("\"Networks\":[]");
    }
}
