package io.berth.cni;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The networks that pods get, for people and tools that ask the node for its details.
 *
 * @param configJson in the form in which containerd shows its own (go-cni, ConfigResult), which
 *     crictl's users read
 * @param loadStatus {@code OK}, or why there is no network
 */
public record LoadedNetworks(String configJson, String loadStatus) {
    /** What is loaded now; {@code absence} says why, where it is nothing. */
    static LoadedNetworks of(CniConfig config, ConfFolders.Loaded loaded, String absence) {
        var json = JsonNodeFactory.instance.objectNode();
        var binDirs = json.putArray("PluginDirs");
        config.binDirs().forEach(folder -> binDirs.add(folder.toString()));
        json.put("PluginConfDir", config.confDirs().getFirst().toString());
        json.put("PluginMaxConfNum", config.maxConfNum());
        json.put("Prefix", "eth");
        var networks = json.putArray("Networks");
        for (var network : loaded.networks()) {
            var entry = networks.addObject();
            entry.set("Config", network(network));
            entry.put("IFName", "eth" + (networks.size() - 1));
        }
        return new LoadedNetworks(json.toString(), loaded.networks().isEmpty() ? absence : "OK");
    }

    private static ObjectNode network(NetworkConf network) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("Name", network.name());
        json.put("CNIVersion", network.version().toString());
        var plugins = json.putArray("Plugins");
        for (var plugin : network.plugins()) {
            var entry = plugins.addObject();
            entry.set("Network", plugin.json().deepCopy());
            entry.put("Source", plugin.json().toString());
        }
        return json;
    }
}
